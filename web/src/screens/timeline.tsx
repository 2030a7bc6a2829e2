// The record over time. The geometry is the server's; the page adds the replay, the keyboard and the table.
import { useMemo, useState } from 'preact/hooks'
import { asOf } from '../about.ts'
import { address, get } from '../api.ts'
import { Field, useRead, Waiting } from '../parts/basics.tsx'
import { language, t } from '../text.ts'
import type { Entry, Figure, Mark, Timeline } from '../types.ts'

const colours = 6

function Shape({ mark, colour }: { mark: Mark; colour: string }) {
  const { x, y } = mark
  switch (mark.shape) {
    case 'dot':
      return <circle cx={x} cy={y} r={4} fill={colour} />
    case 'square':
      return <rect x={x - 4} y={y - 4} width={8} height={8} fill={colour} />
    case 'triangle':
      return <path d={`M${x} ${y - 5}l5 9h-10z`} fill={colour} />
    case 'open':
      return <circle cx={x} cy={y} r={4} fill="var(--paper)" stroke={colour} stroke-width={1.6} />
    case 'bar':
      return <rect x={x} y={y - 6} width={Math.max(2, (mark.x2 ?? x) - x)} height={12} fill={colour} fill-opacity={0.75} />
    case 'unknown':
      return (
        <rect x={x} y={y - 6} width={Math.max(8, (mark.x2 ?? x) - x)} height={12} fill="url(#hatch)" stroke="var(--faint)" />
      )
    case 'diamond':
      return <path d={`M${x} ${y - 7}l6 7l-6 7l-6 -7z`} fill={colour} />
    case 'planned':
      return <path d={`M${x} ${y - 7}l6 7l-6 7l-6 -7z`} fill="var(--paper)" stroke={colour} stroke-width={1.4} />
    case 'cross':
      return <path d={`M${x - 4} ${y - 4}l8 8m0 -8l-8 8`} stroke={colour} stroke-width={1.6} fill="none" />
  }
}

function Drawing({ figure, chosen, choose }: { figure: Figure; chosen: string; choose: (entry: string) => void }) {
  const floor = figure.height - 24
  const single = ['labs', 'infection', 'immunosuppression']
  return (
    <svg width={figure.width} height={figure.height} viewBox={`0 0 ${figure.width} ${figure.height}`} aria-hidden="true">
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0v6" stroke="var(--faint)" stroke-width="2" />
        </pattern>
      </defs>
      {figure.ticks.map((tick) => (
        <g key={tick.x}>
          <path class="rule" d={`M${tick.x} 0V${floor}`} />
          <text class="quiet" x={tick.x} y={floor + 15} text-anchor="middle">
            {tick.label}
            <title>{tick.date}</title>
          </text>
        </g>
      ))}
      {figure.tracks.map((track) => {
        const series = [...new Set(track.marks.map((mark) => mark.series ?? ''))]
        const colour = (name: string) => {
          const at = single.includes(track.id) ? 0 : Math.max(0, series.indexOf(name)) % colours
          return `var(--series-${at + 1})`
        }
        return (
          <g key={track.id}>
            <path class="rule" d={`M0 ${track.y + track.height + 5}H${figure.width}`} />
            <text x={8} y={track.y + 16} font-weight="600">
              {track.label}
            </text>
            {track.marks.length === 0 ? (
              <text class="quiet" x={figure.plot.left + 4} y={track.y + 16}>
                {t('timeline.none')}
              </text>
            ) : null}
            {track.scale?.map((scale) => (
              <text key={scale.label} class="quiet" x={figure.plot.left - 8} y={scale.y + 4} text-anchor="end">
                {scale.label}
              </text>
            ))}
            {track.lines?.map((line, i) => (
              <path
                key={i}
                d={line.points.map(([x, y], n) => `${n ? 'L' : 'M'}${x} ${y}`).join('')}
                fill="none"
                stroke={line.style ? colour(line.style) : 'var(--faint)'}
                stroke-width={line.style ? 1.6 : 1}
              />
            ))}
            {track.marks.map((mark, i) => {
              const end = Math.max(mark.x, mark.x2 ?? 0)
              const isLeft = end + 10 + 6.4 * mark.label.length > figure.width
              return (
                <g key={i} onClick={() => choose(mark.entry)} style="cursor:pointer">
                  <title>{mark.title}</title>
                  {mark.entry === chosen ? <circle class="chosen" cx={mark.x} cy={mark.y} r={10} fill="none" /> : null}
                  <Shape mark={mark} colour={colour(mark.series ?? '')} />
                  {mark.label ? (
                    <text x={isLeft ? mark.x - 8 : end + 8} y={mark.y + 4} text-anchor={isLeft ? 'end' : 'start'}>
                      {mark.label}
                    </text>
                  ) : null}
                </g>
              )
            })}
          </g>
        )
      })}
      {figure.today != null ? (
        <path d={`M${figure.today} 0V${floor}`} stroke="var(--ink)" stroke-dasharray="4 3" />
      ) : null}
    </svg>
  )
}

function Detail({ entry }: { entry: Entry }) {
  return (
    <div class="detail" aria-live="polite">
      <b>{entry.phrase}</b> {entry.value} <span class="small">({entry.date})</span>
      {entry.unusable?.length ? <div class="warn">{t('timeline.unusable', entry.unusable.join(', '))}</div> : null}
      <div class="small">
        {t('timeline.known')} {entry.known_on}
        {entry.method ? `; ${entry.method}` : ''}
        {entry.context ? `; ${entry.context}` : ''}
        {entry.standing && entry.standing !== 'final' ? `; ${entry.standing}` : ''}
        <br />
        {t('timeline.origin')}: {entry.origin}
      </div>
    </div>
  )
}

function Table({ entries }: { entries: Entry[] }) {
  return (
    <details>
      <summary>{t('timeline.table')} ({entries.length})</summary>
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">{t('app.date')}</th>
            <th scope="col">{t('timeline.what')}</th>
            <th scope="col">{t('timeline.value')}</th>
            <th scope="col">{t('timeline.known')}</th>
            <th scope="col">{t('timeline.origin')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, i) => (
            <tr key={i}>
              <td data-label={t('app.date')}>{entry.date}</td>
              <td data-label={t('timeline.what')}>{entry.phrase}</td>
              <td data-label={t('timeline.value')}>
                {entry.value}
                {entry.unusable?.length ? <span class="warn"> {t('timeline.unusable', entry.unusable.join(', '))}</span> : null}
              </td>
              <td data-label={t('timeline.known')}>{entry.known_on}</td>
              <td data-label={t('timeline.origin')} class="small">
                {entry.origin}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

export function TimelineScreen({ patient }: { patient: string }) {
  const day = asOf()
  const [stop, setStop] = useState<string | null>(null)
  const [chosen, setChosen] = useState('')
  const [isOpen, setOpen] = useState(false)
  const width = Math.max(600, Math.min(1360, innerWidth - 48))
  const path = `/api/patients/${encodeURIComponent(patient)}/timeline`
  const lang = language.value
  const read = useRead(
    () => get<Timeline>(path, { as_of: day, known_on: stop, width, lang }),
    `${patient}|${day}|${stop}|${width}|${lang}`,
  )
  // The stops of the slider are those of today's record: replaying the past must not shorten them.
  const all = useRead(() => get<Timeline>(path, { as_of: day, width, lang }), `${patient}|${day}|${width}|${lang}`)
  const days = all.value?.known_days ?? []
  // Entries that are drawn, by day: what the arrows step through.
  const drawn = useMemo(() => {
    const figure = read.value?.figure
    if (!figure) return []
    const seen = new Map<string, number>()
    for (const track of figure.tracks) for (const mark of track.marks) if (!seen.has(mark.entry)) seen.set(mark.entry, mark.x)
    return [...seen.entries()].sort((a, b) => a[1] - b[1]).map(([entry]) => entry)
  }, [read.value])

  const step = (by: number) => {
    if (drawn.length === 0) return
    const at = drawn.indexOf(chosen)
    const next = at < 0 ? (by > 0 ? 0 : drawn.length - 1) : Math.min(drawn.length - 1, Math.max(0, at + by))
    setChosen(drawn[next]!)
    setOpen(true)
  }

  return (
    <Waiting read={read}>
      {(timeline) => {
        const entry = timeline.entries.find((one) => one.id === chosen)
        const position = stop ? days.indexOf(stop) : days.length
        return (
          <>
            <h1>{t('timeline.title', patient)}</h1>
            <div class="row">
              <Field label={`${t('timeline.knownOn')}: ${stop ?? t('timeline.knownOn.now')}`}>
                <input
                  type="range"
                  min={0}
                  max={days.length}
                  value={position}
                  aria-valuetext={stop ?? t('timeline.knownOn.now')}
                  style="width:min(420px,80vw)"
                  onInput={(e) => setStop(days[Number(e.currentTarget.value)] ?? null)}
                />
              </Field>
              <a href={address(`${path}.svg`, { as_of: day, known_on: stop, width, lang })} target="_blank" rel="noopener">
                {t('timeline.print')}
              </a>
            </div>
            <p class="small">{t('timeline.help')}</p>
            <div
              class="timeline"
              tabIndex={0}
              role="group"
              aria-label={t('timeline.title', patient)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowRight') step(1)
                else if (event.key === 'ArrowLeft') step(-1)
                else if (event.key === 'Home') setChosen(drawn[0] ?? '')
                else if (event.key === 'End') setChosen(drawn.at(-1) ?? '')
                else if (event.key === 'Enter') setOpen((open) => !open)
                else return
                event.preventDefault()
              }}
            >
              <Drawing
                figure={timeline.figure}
                chosen={chosen}
                choose={(id) => {
                  setChosen(id)
                  setOpen(true)
                }}
              />
            </div>
            {timeline.figure.earlier ? <p class="small">{t('timeline.earlier', timeline.figure.earlier)}</p> : null}
            {entry && isOpen ? (
              <>
                <p class="small">{t('timeline.entry', drawn.indexOf(chosen) + 1, drawn.length)}</p>
                <Detail entry={entry} />
              </>
            ) : null}
            <Table entries={timeline.entries} />
          </>
        )
      }}
    </Waiting>
  )
}

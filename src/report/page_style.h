#pragma once
// The looks of a page of tables and figures: nothing fetched, prints on white.

#include <string_view>

namespace graftline::report {

inline constexpr std::string_view page_style = R"(
:root{color-scheme:light;--ink:#16191d;--soft:#5b636d;--line:#cfd4da}
*{box-sizing:border-box}
body{margin:0;padding:2rem 1rem;background:#fff;color:var(--ink);
font:15px/1.55 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:52rem;margin:auto}
h1{font-size:1.45rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.05rem;margin:2rem 0 .4rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
code{font-size:.93em;overflow-wrap:anywhere}
.soft{color:var(--soft)}
figure{margin:1.25rem 0}
figure svg{max-width:100%;height:auto;display:block}
figcaption{color:var(--soft);font-size:.93em;margin-top:.4rem;max-width:44rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9em;margin:.25rem 0;border-bottom:1px solid var(--ink)}
th{font-weight:600;border-top:1px solid var(--ink);border-bottom:1px solid var(--ink);text-align:right;padding:.25rem .6rem}
td{padding:.16rem .6rem;text-align:right;white-space:nowrap}
th.t,td.t{text-align:left}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.4rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
ul{padding-left:1.1rem;margin:.4rem 0}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.5rem;color:var(--soft);font-size:.9em}
@media print{body{padding:0;font-size:10pt}h2{break-after:avoid}figure,table{break-inside:avoid}.scroll{overflow:visible}
@page{margin:18mm}}
)";

}  // namespace graftline::report

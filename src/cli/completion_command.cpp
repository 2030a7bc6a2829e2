#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"

namespace graftline::cli {
namespace {

// Command names and the long options of each, taken from the same definitions that parse the arguments.
struct Words {
  std::string command;
  std::string summary;
  std::vector<std::string> options;
};

std::vector<Words> words() {
  std::vector<Words> result;
  for (const Command& command : commands()) {
    CLI::App app;
    Run ignored;
    command.define(app, ignored);
    Words row{std::string(command.name), std::string(command.summary), {}};
    for (const CLI::App* sub : app.get_subcommands({})) row.options.push_back(sub->get_name());
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) row.options.push_back("--" + name);
    }
    result.push_back(std::move(row));
  }
  return result;
}

std::string bash() {
  std::string commands_list;
  std::string cases;
  for (const Words& row : words()) {
    commands_list += row.command + " ";
    cases += fmt::format("    {}) words=\"{}\" ;;\n", row.command, fmt::join(row.options, " "));
  }
  return fmt::format(R"(_graftline() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{}" -- "$current")); return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _graftline graftline
)",
                     commands_list, cases);
}

std::string fish() {
  std::string out;
  for (const Words& row : words()) {
    out += fmt::format("complete -c graftline -n __fish_use_subcommand -a {} -d '{}'\n", row.command,
                       row.summary);
    for (const std::string& option : row.options) {
      if (option.rfind("--", 0) != 0) continue;
      out += fmt::format("complete -c graftline -n '__fish_seen_subcommand_from {}' -l {}\n", row.command,
                         option.substr(2));
    }
  }
  return out;
}

}  // namespace

void define_completion(CLI::App& app, Run& run) {
  const auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.footer(
      "Examples:\n"
      "  graftline completion bash > /etc/bash_completion.d/graftline\n"
      "  graftline completion zsh > ~/.zsh/graftline.zsh   # then source it\n"
      "  graftline completion fish > ~/.config/fish/completions/graftline.fish");
  app.callback([shell, &run] {
    run = [shell] {
      // zsh understands bash's completion after bashcompinit.
      if (*shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
      fmt::print("{}", *shell == "fish" ? fish() : bash());
      return done;
    };
  });
}

}  // namespace graftline::cli

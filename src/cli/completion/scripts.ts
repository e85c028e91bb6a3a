// The shells' sides of completion. Data only.

const BASH = String.raw`# bash completion of berth
_berth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=("\${COMP_WORDS[@]:1:COMP_CWORD}") prefix="" line
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword whole
    _get_comp_words_by_ref -n =: -c current -w whole -i cword
    words=("\${whole[@]:1:cword}")
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
    else
      COMPREPLY+=("\${line%%$'\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$current"
  elif [[ "$current" == *:* ]]; then
    prefix="\${current%"\${current##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
  fi
}
complete -F _berth berth
`;

const ZSH = String.raw`#compdef berth
# zsh completion of berth
_berth() {
  local -a shown plain
  local line word text
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ":files" ]]; then
      _files
      continue
    fi
    word="\${line%%$'\t'*}"
    text=""
    [[ "$line" == *$'\t'* ]] && text="\${line#*$'\t'}"
    shown+=("\${word//:/\\:}\${text:+:$text}")
  done
  (( \${#shown} )) && _describe -t berth berth shown
}
if [ "$funcstack[1]" = "_berth" ]; then
  _berth
else
  compdef _berth berth
fi
`;

const FISH = String.raw`# fish completion of berth
function __berth_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c berth -f -a "(__berth_complete)"
`;

export const SCRIPTS: Readonly<Record<string, string>> = { bash: unbraced(BASH), zsh: unbraced(ZSH), fish: FISH };

/** The templates write a shell's braces with a backslash before them. */
function unbraced(script: string): string {
  return script.replaceAll("\\${", "${");
}

// The shells' sides of completion. Data only.

const BASH = String.raw`# bash completion of berth
_berth() {
  # bash splits words at : and = too, which are parts of ours
  local words current line
  read -ra words <<<"\${COMP_LINE:0:COMP_POINT}"
  [[ "\${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
  current="\${words[-1]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "\${current##*=}"))
    else
      COMPREPLY+=("\${line%%$'\t'*}")
    fi
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ "$current" == -* && "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
  # and wants only what follows the last of them
  local kept="\${current##*[:=]}"
  local prefix="\${current%"$kept"}"
  [ -n "$prefix" ] && COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
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

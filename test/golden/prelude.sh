# Words of the scenarios' shell. $D is the client, $T the scenario's directory, $BASE the base image's tar.
# $LO is a loopback address and $NET the first three numbers of a network that no other run has.

now() { date +%s.%N; }
SINCE=$(now)

# What happened since the scenario began (or $SINCE was set): events [FILTER=VALUE...]
events() {
  local args=() filter
  for filter in "$@"; do args+=(--filter "$filter"); done
  $D events --since "$SINCE" --until "$(now)" "${args[@]}" \
    --format '{{.Type}} {{.Action}}{{range $k, $v := .Actor.Attributes}}{{if or (eq $k "name") (eq $k "exitCode") (eq $k "signal") (eq $k "oldName") (eq $k "driver")}} {{$k}}={{$v}}{{end}}{{end}}'
}

# mkimage REFERENCE CREATED LAYER:BYTES...: an image of exactly these sizes and this age, loaded.
# Layers of the same name and size are the same layer. CONFIG is the image's config, {} unless set.
mkimage() {
  local reference=$1 created=$2 d layer file diffs='' files='' history=''; shift 2
  d=$(mktemp -d "$T/image-XXXXXX")
  for layer in "$@"; do
    file=$d/${layer%%:*}
    yes "${layer%%:*}" | head -c "${layer##*:}" >"$file"
    tar -C "$d" --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 --format=ustar -cf "$file.tar" "${layer%%:*}"
    rm "$file"
    diffs+=",\"sha256:$(sha256sum <"$file.tar" | cut -c1-64)\""
    files+=",\"${layer%%:*}.tar\""
    history+=",{\"created\":\"$created\",\"created_by\":\"layer ${layer%%:*}\"}"
  done
  printf '{"architecture":"%s","os":"linux","created":"%s","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
    "$ARCH" "$created" "${CONFIG:-{\}}" "${diffs#,}" "${history#,}" >"$d/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":[%s]}]' "$reference" "${files#,}" >"$d/manifest.json"
  tar -C "$d" -cf "$d.tar" .
  $D load -q <"$d.tar" >"$d.out" || { cat "$d.out"; return 1; }
  rm -r "$d" "$d.tar" "$d.out"
}

# base [REFERENCE]: the base image
base() { $D import "$BASE" "${1:-base:1}" >/dev/null; }

# The id of an object, as inspect has it: id NAME
id() { $D inspect -f '{{.Id}}' "$1"; }

# The first 12 digits
short() { local i=${1#sha256:}; echo "${i:0:12}"; }

case $(uname -m) in x86_64) ARCH=amd64 ;; aarch64) ARCH=arm64 ;; *) ARCH=$(uname -m) ;; esac

# What happened since the last `news` (or the beginning), all attributes: news [FILTER=VALUE...]
# Not how long a process ran, nor what only berth tells.
echo "$SINCE" >"$T/.news"
news() {
  local since until args=() filter
  since=$(cat "$T/.news") until=$(now)
  echo "$until" >"$T/.news"
  for filter in "$@"; do args+=(--filter "$filter"); done
  $D events --since "$since" --until "$until" "${args[@]}" \
    --format '{{.Type}} {{.Action}} {{.Actor.ID}}{{range $k, $v := .Actor.Attributes}} {{$k}}={{$v}}{{end}}' |
    sed -E 's/ (execDuration|berth[^ =]*|actor[^ =]*)=[^ ]*//g; s/ name=[a-z]+_[a-z]+( |$)/ name=<random>\1/'
}

# A request without a client: api METHOD PATH [BODY [CONTENT-TYPE]]. Prints the status and the answer, of an error only
# its message: berth's have more fields.
api() {
  local body=()
  [ $# -lt 3 ] || body=(-H "Content-Type: ${4:-application/json}" --data-binary "$3")
  curl -s -S -g -m 20 --unix-socket "${DOCKER_HOST#unix://}" -X "$1" "${body[@]}" -w '\n%{http_code}\n' "http://d$2" |
    sed -E '/^$/d; s/^(\{"message":"([^"\\]|\\.)*"),.*\}$/\1}/'
}

# awaits COMMAND...: until it succeeds, 30 s at most
awaits() { local i; for i in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; echo "awaited in vain: $*" >&2; return 1; }

# gone NAME..., ended NAME..., said NAME TEXT: conditions to await
is() { [ "$($D inspect -f '{{.State.Status}}' "$1" 2>/dev/null)" = "$2" ]; }
gone() { ! $D inspect "$1" >/dev/null 2>&1; }
said() { $D logs "$1" 2>&1 | grep -q -- "$2"; }

# terminal [EXPECT SEND]... -- COMMAND...: with a terminal of 80 columns and 24 lines, see terminal.py
terminal() { python3 "$GOLDEN/terminal.py" "$@"; }

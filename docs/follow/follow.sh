#!/bin/sh
# follow.sh URL FOLDER does what main.go does, with curl and jq: a file for each article in FOLDER/articles.
set -eu
api=$1/api/v1 dir=$2
mkdir -p "$dir/articles" "$dir/revisions"

# ask ADDRESS leaves the answer in FOLDER/answer, and says its status.
ask() {
	curl -sS -o "$dir/answer" -w '%{http_code}' ${NEWSWIRE_KEY:+-H "Authorization: Bearer $NEWSWIRE_KEY"} "$api/$1" || echo 000
}

# apply follows lines such as "put ID REVISION ITEM" and "remove ID". What is there already is passed over.
apply() {
	while read -r op id revision item; do
		had=$(cat "$dir/revisions/$id" 2>/dev/null || echo 0)
		if [ "$op" = remove ] && [ "$had" -gt 0 ]; then
			rm -f "$dir/articles/$id" "$dir/revisions/$id"
			echo "remove $id"
		elif [ "$op" = put ] && [ "$revision" -gt "$had" ]; then
			printf '%s\n' "$item" >"$dir/new" && mv "$dir/new" "$dir/articles/$id"
			echo "$revision" >"$dir/revisions/$id"
			echo "put $id $revision"
		fi
	done
}

# snapshot copies what there is. Its place in the log is asked for first, so that no change falls between the two.
snapshot() {
	[ "$(ask changes)" = 200 ] || return 1
	next=$(jq -r .next "$dir/answer") after=
	: >"$dir/there"
	while :; do
		[ "$(ask "articles?limit=100&after=$after")" = 200 ] || return 1
		jq -r '.items[]._newswire.id' "$dir/answer" >>"$dir/there"
		jq -r '.items[] | "put \(._newswire.id) \(._newswire.revision) \(tojson)"' "$dir/answer" | apply
		after=$(jq -r '.next // ""' "$dir/answer")
		[ -n "$after" ] || break
	done
	ls "$dir/articles" | { grep -vxFf "$dir/there" || true; } | sed 's/^/remove /' | apply
}

while :; do
	if [ ! -s "$dir/next" ]; then
		snapshot || { sleep 1; continue; }
	else
		case $(ask "changes?wait=30s&after=$(cat "$dir/next")") in
		200) ;;
		410) rm "$dir/next"; continue ;; # away for too long
		*) sleep 1; continue ;;
		esac
		next=$(jq -r .next "$dir/answer")
		jq -r '.changes[] | if .op == "remove" then "remove \(.article)" elif .item
			then "put \(.article) \(.item._newswire.revision) \(.item | tojson)" else empty end' "$dir/answer" | apply
	fi
	echo "$next" >"$dir/next.new" && mv "$dir/next.new" "$dir/next" # only now: what a crash takes back is asked for again
done

# Downloads a private Node for an image without one: an official archive whose SHA-256 is in
# node-runtime.txt. Only the program and its licence are kept. install.sh sources this file and has set
# `here`, the Feature's folder, `work`, a temporary folder, and `die`.
# shellcheck shell=sh disable=SC2154

node_feature='add "ghcr.io/devcontainers/features/node:2": {} to the features in devcontainer.json'

# Sets `sum`, `archive`, `version` and `url` for this machine. False for arm64 with musl, for which there
# is a package and no archive.
find_archive() {
	case $(uname -m) in
	x86_64 | amd64) platform=linux-x64 ;;
	aarch64 | arm64) platform=linux-arm64 ;;
	*) die NODE_CPU_UNKNOWN "Node: there is no build of it for $(uname -m)" \
		'use an image for x64 or arm64, or one with Node 20.12 or newer' ;;
	esac
	! is_musl || platform=$platform-musl
	sum=''
	archive=''
	while read -r sum archive; do
		case $archive in node-v*-"$platform.tar.gz") break ;; esac
	done <"$here/node-runtime.txt"
	[ -n "$archive" ] || return
	version=${archive#node-}
	version=${version%"-$platform.tar.gz"}
	url=${mirror%/}/$version/$archive
}

# Debian can have musl's loader too, beside its own C library.
is_musl() {
	ls /lib/ld-musl-* >/dev/null 2>&1 || return
	case $(ldd --version 2>&1) in *GLIBC* | *GNU*) return 1 ;; esac
}

# A user without root can add no package.
manager=
for name in apt-get apk dnf microdnf tdnf zypper; do
	[ "$(id -u)" = 0 ] || break
	command -v "$name" >/dev/null || continue
	manager=$name
	break
done

# Uses its own folders, so that the image's lists and cache stay as they are.
apt() {
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
	cat >"$work/apt/conf" <<-END
		Dir::State::Lists "$work/apt/lists";
		Dir::Cache "$work/apt/cache";
		APT::Sandbox::User "root";
	END
	DEBIAN_FRONTEND=noninteractive APT_CONFIG=$work/apt/conf apt-get --yes "$@"
}

# Where the other package managers keep downloads. Only folders that are empty now are emptied later;
# apk keeps nothing.
caches='/var/cache/dnf /var/cache/libdnf5 /var/cache/yum /var/cache/tdnf /var/cache/zypp'
ours=
for folder in $caches; do
	[ -n "$(ls -A "$folder" 2>/dev/null)" ] || ours="$ours $folder"
done

tidy_caches() {
	for folder in $ours; do rm -rf "${folder:?}"/*; done
}

add_packages() {
	case $manager in
	'') echo 'there is no package manager' && false ;;
	apt-get) apt update && apt install --no-install-recommends "$@" ;;
	apk) apk add --no-cache "$@" ;;
	zypper) zypper --non-interactive install --no-recommends "$@" ;;
	*) "$manager" -y install "$@" ;;
	esac >>"$work/log" 2>&1 || return
	tidy_caches
}

# By rpm itself: dnf and the like would also remove other packages, those that they take for unused and
# those that depend on ours, where rpm refuses.
remove_packages() {
	case $manager in
	apt-get) apt purge "$@" ;;
	apk) apk del "$@" ;;
	*) rpm --erase "$@" ;;
	esac >/dev/null 2>&1
}

list_packages() {
	# The names in the format belong to dpkg.
	# shellcheck disable=SC2016
	case $manager in
	apt-get) dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' ;;
	apk) apk info ;;
	*) rpm -qa --queryformat '%{NAME}\n' ;;
	esac 2>/dev/null
}

borrowed=

# Adds packages. give_back removes them, and what they brought along.
borrow() {
	[ -n "$borrowed" ] || list_packages >"$work/packages" || true
	borrowed=true
	add_packages "$@"
}

# Removes the packages that were not there before. If a list is missing, all of them stay, and so does
# the key of a repository, which rpm lists as a package.
# shellcheck disable=SC2046
give_back() {
	[ -n "$borrowed" ] || return 0
	borrowed=
	list_packages >"$work/packages-now" || true
	[ -s "$work/packages" ] && [ -s "$work/packages-now" ] || return 0
	set -- $(grep -vxF -e gpg-pubkey -f "$work/packages" "$work/packages-now" | sed 's/ .*//')
	[ $# = 0 ] || remove_packages "$@" || true
}

need() {
	command -v "$1" >/dev/null || borrow "$2" || true
	command -v "$1" >/dev/null || die NODE_NOT_UNPACKED \
		"Node: this image has no $1, and it could not be installed$(reason)" \
		"install $2 in the image, or $node_feature"
}

# The size of the archive and the program together, in kB.
ROOM=190000

need_room() {
	# From the second line, if there is one.
	free=$(df -Pk "$work" 2>/dev/null | { read -r _ && read -r _ _ _ free _ && echo "$free"; }) ||
		true
	case $free in '' | *[!0-9]*) return 0 ;; esac
	[ "$free" -ge "$ROOM" ] || die NODE_NO_ROOM \
		"Node: $((free / 1000)) MB are free in ${share%/*}, and it takes $((ROOM / 1000)) MB" \
		'make room for the build'
}

# For one attempt of a download, in seconds; what is slower is no mirror to build with.
LIMIT=600

# Where an image has no timeout, curl alone is bounded in time.
limit() {
	if command -v timeout >/dev/null; then timeout "$LIMIT" "$@"; else "$@"; fi
}

with_curl() {
	command -v curl >/dev/null || return
	limit curl --fail --silent --show-error --location --connect-timeout 30 --max-time "$LIMIT" \
		--speed-limit 10000 --speed-time 60 --retry 2 --output "$2" "$1"
}

with_wget() {
	command -v wget >/dev/null || return
	# GNU wget would try twenty times behind a firewall that drops packets.
	limit wget -q -t 2 -T 60 -O "$2" "$1"
}

# Every Debian and Ubuntu has it. It checks no certificates, because minimal images have none; the
# SHA-256 proves what arrived.
with_apt_helper() {
	[ -x /usr/lib/apt/apt-helper ] || return
	limit /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::https::Verify-Peer=false \
		-o Acquire::https::Verify-Host=false download-file "$1" "$2"
}

download() {
	for way in with_curl with_wget with_apt_helper; do
		# apt-helper would continue what another one began.
		rm -f "$2"
		bounded "$way" "$@" >>"$work/log" 2>&1 && return
	done
	if command -v curl >/dev/null || [ -x /usr/lib/apt/apt-helper ]; then return 1; fi
	# zypper has a status other than 0 for success with a remark.
	borrow curl ca-certificates || true
	bounded with_curl "$@" >>"$work/log" 2>&1
}

# A file of 150 MB at most, in blocks of 512 bytes: the archive has 60, and a mirror may have no end.
bounded() (
	ulimit -f 300000
	"$@"
)

# The last line that a failing tool printed, without curl's explanation of certificates and apt-helper's
# remark that it failed.
reason() {
	sed -e '/^More details here: /,/mentioned above\.$/d' -e '/^E: Download Failed$/d' "$work/log" |
		sed -n '/[^ ]/h; ${ x; s/^/: /; p; }'
}

# Puts the program and its licence into a folder.
unpack() {
	mkdir "$work/archive" "$1" "$1/bin"
	top=${archive%.tar.gz}
	gzip -dc "$work/$archive" 2>>"$work/log" |
		tar -xof - -C "$work/archive" "$top/bin/node" "$top/LICENSE" 2>>"$work/log" || return
	mv "$work/archive/$top/bin/node" "$1/bin/node" && mv "$work/archive/$top/LICENSE" "$1/LICENSE"
}

# Downloads the archive and unpacks it into a folder, or dies with one reason.
get_private_node() {
	echo "registry-auth: no Node 20.12 or newer in this image; getting $version for us alone"
	need_room
	need sha256sum coreutils
	need gzip gzip
	need tar tar
	download "$url" "$work/$archive" || die NODE_NOT_DOWNLOADED \
		"Node: no download of $url$(reason)" \
		"let the build reach it, set the option \"nodeMirror\", or $node_feature"
	got=$(sha256sum "$work/$archive")
	[ "${got%% *}" = "$sum" ] || die NODE_SUM_WRONG \
		"Node: the SHA-256 of $url is ${got%% *} and must be $sum" \
		'set the option "nodeMirror" to a mirror with the official archives; nothing was run'
	unpack "$1" || die NODE_NOT_UNPACKED "Node: $archive could not be unpacked$(reason)" \
		'make room for the build, or put a whole tar and gzip into the image'
	rm "$work/$archive"
	give_back
	"$1/bin/node" --version >/dev/null 2>&1 || add_cpp_library
	"$1/bin/node" --version >"$work/log" 2>&1 || die NODE_DOES_NOT_RUN \
		"Node: $version does not run in this image$(reason)" \
		'use an image with glibc 2.28 or newer, or one with Node 20.12 or newer'
}

# The one library that Node needs and some images lack. It stays.
add_cpp_library() {
	case $manager in
	'') ;;
	apk) add_packages libstdc++ libgcc ;;
	apt-get | zypper) add_packages libstdc++6 ;;
	*) add_packages libstdc++ ;;
	esac || true
}

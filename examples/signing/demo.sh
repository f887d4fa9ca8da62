# Signs and verifies an image with the real notation: the second half of `make demo`.
# examples/demo.sh sources it and gives `show` and `$work`.

# notation_program: print the path of a notation that the demo can use: the one that buildsteps has
# installed, the one that the tests have built, or the one on PATH; 1.3 or a later 1.x.
notation_program() {
    for program in "${BUILDSTEPS_HOME:-/nowhere}"/notation/versions/*/notation \
        "${XDG_CACHE_HOME:-${HOME:-}/.cache}"/buildsteps/notation/versions/*/notation \
        "${HOME:-}"/Library/Caches/buildsteps/notation/versions/*/notation \
        "$PWD"/.cache/notation-*/notation \
        "$(command -v notation)"; do
        [ -x "$program" ] || continue
        if "$program" version 2>/dev/null | grep -Eq '^Version: +v?1\.([3-9]|[1-9][0-9])\.'; then
            printf '%s\n' "$program"
            return
        fi
    done
    return 1
}

# start_registry: run a registry in the background; sets $registry (process) and $host (address).
start_registry() {
    python3 examples/signing/registry.py "$work/address" &
    registry=$!
    waited=0
    until [ -e "$work/address" ]; do
        waited=$((waited + 1))
        if [ "$waited" -gt 100 ] || ! kill -0 "$registry" 2>/dev/null; then
            echo 'the registry of the demo did not start' >&2
            return 1
        fi
        sleep 0.1
    done
    host=$(cat "$work/address")
    # A proxy of this machine cannot reach it.
    export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
}

# configure: what a team has in its repository: whom it trusts, by which certificate.
configure() {
    cat >"$work/web/buildsteps.yaml" <<YAML
signing:
  stores:
    demo: {certificates: [notation/localkeys/demo.crt]}
  trust:
    demo: {identities: ["x509.subject: C=US, ST=WA, O=Notary, CN=demo"], stores: [demo]}
sign: {notation: "$notation", insecure_registry: ["$host"]}
verify: {notation: "$notation", insecure_registry: ["$host"]}
YAML
}

signing_demo() {
    start_registry || return 1
    mkdir -p "$work/web" && configure
    sed "s|registry.example|$host|" examples/signing/deployment.yaml >"$work/web/deployment.yaml"
    image=$host/team/web:v1
    python3 examples/signing/push.py "$image" 'hello, world' >"$work/digest" || return 1
    cd "$work/web" || return 1
    # A key of the demo's own: nothing of the user's notation is read or changed.
    export NOTATION_CONFIG="$work/web/notation"
    "$notation" cert generate-test demo >"$work/key.log" 2>&1 || {
        cat "$work/key.log" >&2
        return 1
    }
    show 1 'A deployment whose image nobody has signed' buildsteps verify --from deployment.yaml
    show 0 'Sign the image, by its digest' buildsteps sign -v --key demo "$image"
    show 0 'The same deployment again' buildsteps verify --from deployment.yaml
    show 0 'Sign again: nothing is to be done' buildsteps sign -v --key demo "$image"
    python3 "$root/examples/signing/push.py" "$image" 'hello, mallory' >/dev/null || return 1
    show 1 'Somebody has pushed another image under the same tag' \
        buildsteps verify --from deployment.yaml
}

if notation=$(notation_program); then
    signing_demo || unexpected=$((unexpected + 1))
else
    cat <<'TEXT'

== Signing and verifying images: not shown, notation 1.3 or newer is not here
`buildsteps notation install` (in the sources: .venv/bin/buildsteps notation install) fetches it into
a private folder, and checks it; `make parts` builds it from its sources, with Go.
TEXT
fi

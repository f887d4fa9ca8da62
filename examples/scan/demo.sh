# What `scan` does with old findings, as a part of ../demo.sh.

scan_demo() {
    # bandit keeps a list of its plugins there; it goes with the rest of the demo.
    cache=${XDG_CACHE_HOME-}
    export XDG_CACHE_HOME="$work/cache"
    cp -r examples/scan/shop "$work/shop"
    cd "$work" || return 1
    show 1 'Three defects are found in a shop' buildsteps scan shop
    show 0 'They are recorded as old ones' buildsteps scan --write-baseline shop
    show 0 'From now on they let the build pass' buildsteps scan shop
    cat >>shop/customers.py <<'PYTHON'


def backup(customer: str) -> None:
    """Keep what we know of a customer."""
    import os

    os.system(f"tar czf backup.tgz customers/{customer}")
PYTHON
    show 1 'A fourth defect stops it' buildsteps scan shop
    cp "$root/examples/scan/shop/customers.py" shop/customers.py
    for file in shop/orders.py shop/customers.py; do
        { i=0; while [ $i -lt 50 ]; do echo "# line $i"; i=$((i + 1)); done; cat "$file"; } >"$work/moved"
        mv "$work/moved" "$file"
    done
    show 0 'The three old ones are moved by fifty lines: none of them is new' buildsteps scan shop
}

scan_demo || unexpected=$((unexpected + 1))
if [ -n "$cache" ]; then XDG_CACHE_HOME=$cache; else unset XDG_CACHE_HOME; fi
cd "$root" || exit 1

"""Build the programs that tests and demo run, ahead of them: ``make parts``."""

import sys

from tests.real_parts.notation import notation_program
from tests.real_parts.registry import registry_program
from tests.real_parts.signer_plugin import signer_plugin_program
from tests.real_parts.toolchain import UnavailableError


def main() -> int:
    """Print the path of each program; 1 where one cannot be made."""
    try:
        for program in (notation_program, registry_program, signer_plugin_program):
            print(program())
    except UnavailableError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

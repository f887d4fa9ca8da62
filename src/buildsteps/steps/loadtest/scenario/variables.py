"""Variables in a scenario: ``${NAME}`` from the environment, ``${stack:NAME.OUTPUT}`` from AWS."""

import re
from collections.abc import Mapping

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario.remarks import Remarks
from buildsteps.world.aws import Aws, AwsError

_VARIABLE = re.compile(r"\$?\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STACK = re.compile(r"stack:([A-Za-z0-9:/_-]+)\.([A-Za-z0-9]+)")


class Variables:
    """Fills in variables; each stack is asked once.

    ``forgiving`` leaves a variable that the environment does not have for the engine: DLT hands
    its addresses to JMeter, which has variables and functions of its own.
    """

    def __init__(
        self, environ: Mapping[str, str], aws: Aws, remarks: Remarks, *, forgiving: bool = False
    ) -> None:
        self.environ = environ
        self.aws = aws
        self.remarks = remarks
        self.forgiving = forgiving
        self._stacks: dict[str, dict[str, str]] = {}

    def fill(self, text: str, place: Location | None) -> str:
        """Give ``text`` with its variables filled in; ``$${`` stands for ``${``.

        Raises:
            AwsError: AWS cannot be asked for a stack's outputs.
        """
        return _VARIABLE.sub(lambda found: self._value(found, place), text)

    def _value(self, found: re.Match[str], place: Location | None) -> str:
        if found[0].startswith("$$"):
            return found[0][1:]
        name = found[1]
        if stack := _STACK.fullmatch(name):
            return self._output(stack[1], stack[2], place)
        if not _NAME.fullmatch(name):
            if not self.forgiving:
                self.remarks.wrong(
                    f"`{found[0]}` is no variable: write ${{NAME}} for the environment, "
                    "${stack:NAME.OUTPUT} for a stack's output, $${ for the characters themselves",
                    place,
                )
            return found[0]
        if value := self.environ.get(name):
            return value
        if not self.forgiving:
            what = "is empty" if name in self.environ else "is not set"
            nearest = "" if name in self.environ else suggestion(name, self.environ)
            end = f".{nearest}" if nearest else ""
            self.remarks.wrong(f"the environment variable {name} {what}{end}", place)
        return found[0]

    def _output(self, stack: str, name: str, place: Location | None) -> str:
        outputs = self._outputs(stack, place)
        if name in outputs:
            return outputs[name]
        if outputs:
            message = f"the stack {stack} has no output {name}.{suggestion(name, outputs)}"
            self.remarks.wrong(message, place)
        return ""

    def _outputs(self, stack: str, place: Location | None) -> dict[str, str]:
        if stack not in self._stacks:
            try:
                self._stacks[stack] = outputs_of(stack, self.aws)
                if not self._stacks[stack]:
                    self.remarks.wrong(f"the stack {stack} has no outputs", place)
            except UsageError as error:
                self._stacks[stack] = {}
                self.remarks.wrong(error.message, place)
        return self._stacks[stack]


def outputs_of(stack: str, aws: Aws) -> dict[str, str]:
    """The outputs of a CloudFormation stack (``DescribeStacks``), by name.

    Raises:
        UsageError: there is no such stack.
        AwsError: AWS cannot be asked.
    """
    try:
        answer = aws.call("cloudformation", "DescribeStacks", {"StackName": stack})
    except AwsError as error:
        # CloudFormation has no error code of its own for this.
        if error.code == "ValidationError" and "does not exist" in error.said:
            raise UsageError(f"there is no stack {stack} in this account and region") from None
        raise
    found = answer.get("Stacks") or [{}]
    return {one["OutputKey"]: one["OutputValue"] for one in found[0].get("Outputs", ())}

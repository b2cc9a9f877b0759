"""Reads the meson files as meson would, without a build folder: which targets there are, and what they are made of.

It knows the part of the language that this tree uses. A condition that it cannot decide makes the targets within it
`maybe`; options named `tests`, `fuzz` and `differential` count as on.
"""

import dataclasses
import os
import pathlib

from mesonbuild import mparser

UNKNOWN = object()
TARGETS = ("static_library", "shared_library", "both_libraries", "library", "executable")
ON = ("tests", "fuzz", "differential")


@dataclasses.dataclass(eq=False)
class Target:
    kind: str
    name: str
    place: str
    sources: list  # of pathlib.Path
    maybe: bool
    linked: bool = False  # another target links it
    tested: bool = False  # a test() runs it


@dataclasses.dataclass
class Tree:
    root: pathlib.Path
    targets: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)
    read: set = dataclasses.field(default_factory=set)  # the meson files that subdir() reaches
    variables: dict = dataclasses.field(default_factory=dict)
    maybe: int = 0


class File:
    """One meson file. The variables are the tree's: subdir() shares them."""

    def __init__(self, tree, folder):
        self.tree, self.folder, self.path = tree, folder, folder / "meson.build"
        self.name = str(self.path.relative_to(tree.root))

    def run(self):
        if self.path in self.tree.read:
            self.tree.errors.append(f"{self.name}: two subdir() lead here")
        elif not self.path.is_file():
            self.tree.errors.append(f"{self.name}: a subdir() leads here, and there is no such file")
        else:
            self.tree.read.add(self.path)
            self.block(mparser.Parser(self.path.read_text(encoding="utf-8"), self.name).parse())

    def block(self, block):
        for line in block.lines:
            self.value(line)

    def value(self, node):
        return getattr(self, type(node).__name__, lambda _: UNKNOWN)(node)

    def arguments(self, node):
        """Positional arguments with the lists in them opened, and the keyword arguments."""
        named = {getattr(key, "value", key): self.value(value) for key, value in node.kwargs.items()}
        return flat([self.value(argument) for argument in node.arguments]), named

    def paths(self, values):
        texts = [value for value in values if isinstance(value, str)]
        return [value for value in values if isinstance(value, pathlib.Path)] + [
            pathlib.Path(os.path.normpath(self.folder / text)) for text in texts
        ]

    # One method for each kind of node, named as mparser names it.
    def StringNode(self, node):
        return node.value

    def BooleanNode(self, node):
        return node.value

    def IdNode(self, node):
        return self.tree.variables.get(node.value, UNKNOWN)

    def ArrayNode(self, node):
        return self.arguments(node.args)[0]

    def DictNode(self, node):
        return {self.value(key): self.value(value) for key, value in node.args.kwargs.items()}

    def AssignmentNode(self, node):
        self.tree.variables[name_of(node.var_name)] = self.value(node.value)

    def PlusAssignmentNode(self, node):
        before, more = self.tree.variables.get(name_of(node.var_name), UNKNOWN), self.value(node.value)
        self.tree.variables[name_of(node.var_name)] = joined(before, more)

    def ArithmeticNode(self, node):
        left, right = self.value(node.left), self.value(node.right)
        return joined(left, right) if node.operation == "add" else UNKNOWN

    def NotNode(self, node):
        value = self.value(node.value)
        return UNKNOWN if value is UNKNOWN else not value

    def AndNode(self, node):
        values = [self.value(node.left), self.value(node.right)]
        return False if False in values else UNKNOWN if UNKNOWN in values else True

    def OrNode(self, node):
        values = [self.value(node.left), self.value(node.right)]
        return True if True in values else UNKNOWN if UNKNOWN in values else False

    def IfClauseNode(self, node):
        maybe = 0
        for clause in node.ifs:
            condition = self.value(clause.condition)
            if condition is False:
                continue
            maybe += condition is UNKNOWN
            self.guarded(clause.block, maybe)
            if condition is True:
                return
        if hasattr(node.elseblock, "lines"):
            self.guarded(node.elseblock, maybe)

    def guarded(self, block, maybe):
        self.tree.maybe += maybe
        self.block(block)
        self.tree.maybe -= maybe

    def ForeachClauseNode(self, node):
        items = self.value(node.items)
        if items is UNKNOWN:
            self.tree.errors.append(f"{self.name}:{node.lineno}: a loop over what scripts/lib/meson_targets.py cannot read")
            return
        names = [name_of(name) for name in node.varnames]
        for item in items.items() if isinstance(items, dict) else items:
            self.tree.variables.update(zip(names, item if isinstance(items, dict) else [item]))
            self.block(node.block)

    def MethodNode(self, node):
        source, name = self.value(node.source_object), name_of(node.name)
        arguments, _ = self.arguments(node.args)
        if isinstance(source, dict) and name == "get":
            found = source.get(arguments[0], UNKNOWN)
            return found if found is not UNKNOWN else arguments[1:]
        return UNKNOWN

    def FunctionNode(self, node):
        name, (arguments, named) = name_of(node.func_name), self.arguments(node.args)
        place = f"{self.name}:{node.lineno}"
        for linked in flat([named.get("link_with", []), named.get("link_whole", [])]):
            if isinstance(linked, Target):
                linked.linked = True
        if name == "subdir":
            File(self.tree, self.folder / arguments[0]).run()
        elif name == "files":
            return self.paths(arguments)
        elif name == "get_option" and arguments[0] in ON:
            return True
        elif name == "test":
            for program in arguments[1:]:
                if isinstance(program, Target):
                    program.tested = self.tree.maybe == 0
        elif name in TARGETS:
            sources = self.paths(arguments[1:] + flat([named.get("sources", [])]))
            title = arguments[0] if isinstance(arguments[0], str) else "?"
            target = Target(name, title, place, sources, self.tree.maybe > 0)
            self.tree.targets.append(target)
            return target
        return UNKNOWN


def name_of(node):
    """Newer versions of meson have a node where older ones have the text."""
    return getattr(node, "value", node)


def flat(values):
    return [inner for value in values for inner in (flat(value) if isinstance(value, list) else [value])]


def joined(left, right):
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list):
        return flat([left, right])
    return UNKNOWN


def read(root):
    tree = Tree(root)
    File(tree, root).run()
    return tree

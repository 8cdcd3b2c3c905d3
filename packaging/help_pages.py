"""What `provenbl --help` and the help of every command say, as data: for the manual and the completions."""
import re
import subprocess

HEADINGS = ("Positionals", "Options", "Subcommands", "Example")


class Command:
    def __init__(self, program, path):
        text = subprocess.run([program, *path, "--help"], check=True, capture_output=True, text=True).stdout
        self.path = path
        lines = text.splitlines()
        self.purpose = lines[0]
        self.usage = lines[1].removeprefix("Usage: ")
        self.sections = {}
        section = None
        for line in lines[2:]:
            heading = line.removesuffix(":")
            if line.endswith(":") and heading in HEADINGS:
                section = self.sections.setdefault(heading, [])
            elif not line.strip():
                section = None
            elif section is not None:
                section.append(line)
        self.commands = [Command(program, [*path, name]) for name, _ in self.entries("Subcommands")]

    def entries(self, heading):
        """(what, explanation) of a section; an explanation may begin on the next line."""
        found = []
        for line in self.sections.get(heading, []):
            if re.match(r" {2}\S", line):
                what, _, said = line.strip().partition("  ")
                found.append([what, said.strip()])
            else:
                found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
        return [tuple(entry) for entry in found]

    def options(self):
        """The options' names, the long ones."""
        return [name for what, _ in self.entries("Options") for name in re.findall(r"--[a-z0-9-]+", what.split(" ")[0])]

    def all_below(self):
        for command in self.commands:
            yield command
            yield from command.all_below()


def read(program):
    return Command(program, [])

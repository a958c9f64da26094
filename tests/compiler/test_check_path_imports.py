"""Start-up is a feature: what ``check`` imports is the standard library, click and values."""

import subprocess
import sys

ALLOWED = {"convexity", "convexity_compiler", "click"}
SCRIPT = """
import sys
before = set(sys.modules)
import convexity_compiler.pipeline
import convexity_compiler.link.agreement
import convexity_compiler.summary.walk
new = {name.partition('.')[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
print(*sorted(name for name in sys.modules if name.startswith('convexity.')))
"""


def test_check_path_imports_only_the_standard_library_and_values() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    packages, runtime = run.stdout.splitlines()
    assert set(packages.split()) <= ALLOWED
    assert all(
        name == "convexity.values" or name.startswith("convexity.values.")
        for name in runtime.split()
    )

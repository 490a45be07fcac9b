"""A decision forest behind the container contract: `train` fits one over /opt/ml, `serve` answers for the one that was fitted."""
import os
import sys


def main(arguments):
    command = arguments[1] if len(arguments) > 1 else ""
    if command == "train":
        import training

        return training.main()
    if command == "serve":
        import serving

        return serving.main()
    print(f"usage: {os.path.basename(arguments[0])} train|serve", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))

"""`python -m web.commandline …` is `prima …`."""

from web.commandline import main

main()

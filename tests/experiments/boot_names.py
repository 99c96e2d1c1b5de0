"""What may stand behind the application's colon, and what is said when it may not."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_APP = """
    def app(environ, start_response):
        return []

    class Box:
        pass

    class Made:
        def __init__(self, name):
            pass

        def __call__(self, environ, start_response):
            return []

    box = Box()
    box.app = app
    nothing = None
    text = "text"

    def make(kind="", debug=False):
        return app

    def strict(kind):
        return app

    def fails():
        return 1 + "1"

    def decorated():
        return strict()

    def gives_none():
        pass
    """

_LAUNCH = """
    import sys

    sys.path.insert(0, ".")
    from gunicorn.util import import_app

    for name in sys.argv[1:]:
        try:
            import_app(name)
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
        else:
            print("accepted")
    """

_NAMES = (
    "app",
    "app:app",
    "app:missing",
    "app:box.app",
    "app:make()",
    "app:make('a', debug=True)",
    "app:make(-1)",
    "app:make(1 + 1)",
    "app:make(text)",
    "app:make(*['a'])",
    "app:make(**{'debug': True})",
    "app:make({[]: 1})",
    "app:make()()",
    "app:make(1, 2, 3)",
    "app:strict()",
    "app:decorated()",
    "app:fails()",
    "app:Made('a')",
    "app:Made()",
    "app:gives_none()",
    "app:nothing",
    "app:text",
    "app:",
    "app: app",
    "app:app:app",
    "app.py",
    "app.py:app",
    "sub/app.py",
    "./app.py",
    "broken.py",
    "nosuch.py",
)


@experiment(
    slug="names-of-applications",
    title="From 20.1.0 on a name or a call with literals, no dots",
    question="What may be asked for behind the module's name, and what is said of the rest?",
    topic="boot",
    where=("gunicorn.util.import_app", "gunicorn.util._called_with_wrong_args"),
)
def names_of_applications(lab: Lab) -> Observations:
    lab.write("app.py", _APP)
    lab.write("sub/app.py", _APP)
    lab.write("broken.py", "import nosuch\n")
    lab.write("launch.py", _LAUNCH)
    told = lab.start(*_NAMES, program=("launch.py",), bind=None, log=None).ended().stdout
    return dict(zip(_NAMES, told, strict=True))

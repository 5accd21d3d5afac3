revision = "a"
<<<<<<< HEAD
down_revision = "b"
||||||| base
down_revision = "0"
=======
down_revision = "c"
>>>>>>> theirs


def upgrade():
    op.f(
<<<<<<< HEAD
        "x"
=======
        "y"
>>>>>>> theirs
    )

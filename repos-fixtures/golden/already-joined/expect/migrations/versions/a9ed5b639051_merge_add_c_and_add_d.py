"""merge add_c and add_d

Revision ID: a9ed5b639051
Revises: cccc00000003, dddd00000004
Create Date: 2026-02-06 09:30:00.000000

Reconciles:
- cccc00000003: add c
- dddd00000004: add d
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "a9ed5b639051"
down_revision: Union[str, Sequence[str], None] = (
    "cccc00000003",
    "dddd00000004",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass

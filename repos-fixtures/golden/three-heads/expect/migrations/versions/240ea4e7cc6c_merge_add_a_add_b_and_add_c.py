"""merge add_a, add_b and add_c

Revision ID: 240ea4e7cc6c
Revises: aaaa00000001, bbbb00000002, cccc00000003
Create Date: 2026-02-05 09:30:00.000000

Reconciles:
- aaaa00000001: add a
- bbbb00000002: add b
- cccc00000003: add c
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "240ea4e7cc6c"
down_revision: Union[str, Sequence[str], None] = (
    "aaaa00000001",
    "bbbb00000002",
    "cccc00000003",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass

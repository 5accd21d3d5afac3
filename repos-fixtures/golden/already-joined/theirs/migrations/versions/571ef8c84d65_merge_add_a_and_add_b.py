"""merge add_a and add_b

Revision ID: 571ef8c84d65
Revises: aaaa00000001, bbbb00000002
Create Date: 2026-02-04 09:30:00.000000

Reconciles:
- aaaa00000001: add a
- bbbb00000002: add b
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "571ef8c84d65"
down_revision: Union[str, Sequence[str], None] = (
    "aaaa00000001",
    "bbbb00000002",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass

"""merge total and tax

Revision ID: 48d4e3d8105c
Revises: b222b222b222, b333b333b333
Create Date: 2026-02-05 09:30:00.000000

Reconciles:
- b222b222b222: total
- b333b333b333: tax
"""

from typing import Sequence, Union

# revision identifiers, used by Alembic.
revision: str = "48d4e3d8105c"
down_revision: Union[str, Sequence[str], None] = (
    "b222b222b222",
    "b333b333b333",
)
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Merge point: the lines were applied before, nothing is changed."""
    pass


def downgrade() -> None:
    """Back to several heads, nothing is changed."""
    pass

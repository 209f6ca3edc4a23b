"""A column gets another name, another one is made of what was there."""
import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"


def upgrade():
    op.alter_column("notes", "body", new_column_name="content")
    op.add_column("notes", sa.Column("length", sa.Integer))
    op.execute("UPDATE notes SET length = length(content)"
               " WHERE content LIKE '%'")
    op.alter_column("notes", "length", nullable=False)
    op.create_check_constraint("stars_range", "notes",
                               "stars BETWEEN 0 AND 5")


def downgrade():
    op.drop_constraint("stars_range", "notes")
    op.drop_column("notes", "length")
    op.alter_column("notes", "content", new_column_name="body")

"""Alembic's entry point, which runs inside the transaction that `engine.migrate` has opened."""

from alembic import context

from form_service.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()

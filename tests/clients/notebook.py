"""A plugin to follow: books of notes, and an event for each note."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from colonnade import Info, extend
from colonnade.composer import Composition, compose
from colonnade.context import Context
from colonnade.entities import Entity
from colonnade.errors import Forbidden
from colonnade.events import Event, EventType, event
from colonnade.store import Writes
from colonnade.subscriptions import conflated, lossless, subscription
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of

NOTE = Entity("notebook", "Note", partition="{book}", sort="{id}", serves=("the notes of a book",))


@event("note.added", key=("book",))
class NoteAdded(Event):
    book: str
    text: str


@strawberry.type
class Note:
    text: str
    read_at_once: int | None = None


@extend("Query")
class NotebookQueries:
    @strawberry.field
    async def notes(self, info: Info, book: str) -> int | None:
        return await _count(info.context, book)


@extend("Mutation")
class NotebookMutations:
    @strawberry.mutation
    async def add_notes(self, info: Info, book: str, texts: list[str]) -> int | None:
        """Each note is a transaction of its own."""
        for text in texts:
            note = NOTE.put({"book": book, "id": info.context.ids.new("note"), "text": text})
            recorded = info.context.record(NoteAdded(book=book, text=text))
            await info.context.store.transact(Writes([note, recorded]))
        return len(texts)


def _of_book(context: Context, book: str) -> Sequence[str]:
    if book == "secret":
        raise Forbidden("this book is not for you")
    return [NoteAdded.topic(book)]


async def _book_now(info: Info, book: str) -> Note | None:
    return Note(text="snapshot", read_at_once=await _count(info.context, book))


async def _count(context: Context, book: str) -> int:
    page = await context.store.query(NOTE.query(book=book, limit=100))
    return len(page.items)


@subscription(topics=_of_book, delivery=lossless, description="Notes, as they are added.", snapshot=_book_now)
async def note_added(event: NoteAdded, info: Info, book: str) -> Note | None:
    return Note(text=event.text)


@subscription(topics=_of_book, delivery=conflated(50), description="The newest note.", shared=True)
async def newest_note(event: NoteAdded, info: Info, book: str) -> Note | None:
    return Note(text=event.text)


def notebook() -> Composition:
    """The composition of this plugin alone."""
    given = giving(
        graphql=[Note, NotebookQueries, NotebookMutations, note_added, newest_note],
        entities=[NOTE],
        event_types=[EventType(NoteAdded, "A note was added.")],
    )
    return compose(registry_of(plugin_module("notebook", given)), Query)

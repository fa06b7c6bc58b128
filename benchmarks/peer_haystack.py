"""Haystack on our chunks and vectors; imported only where it is installed."""

from collections.abc import Callable

from haystack.components.joiners import DocumentJoiner
from haystack.dataclasses import Document
from haystack.document_stores.in_memory import InMemoryDocumentStore

from index.encoder import Vectors
from index.lexical import tokens
from index.snapshot import Snapshot

NAME = "Haystack, fused ranks"


def method(snapshot: Snapshot, chunks: int) -> Callable[[str, Vectors], list[str]]:
    """Its in-memory store's BM25 and embeddings, joined by its reciprocal ranks.

    Its BM25 takes each Chinese character for a word; given words with spaces it does better.
    """
    store = InMemoryDocumentStore(bm25_tokenization_regex=r"\S+", shared=False)
    store.write_documents(
        [
            Document(
                id=str(row),
                content=" ".join(tokens(f"{snapshot.document_of(row).title}\n{chunk.text}").words),
                embedding=snapshot.stored_vectors[row].astype(float).tolist(),
                meta={"document": chunk.document_id},
            )
            for row, chunk in enumerate(snapshot.chunks)
        ]
    )
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=chunks)

    def search(question: str, vector: Vectors) -> list[str]:
        words = store.bm25_retrieval(" ".join(tokens(question).words), top_k=chunks)
        near = store.embedding_retrieval(vector.astype(float).tolist(), top_k=chunks)
        joined = joiner.run(documents=[words, near])["documents"]
        return [str(found.meta["document"]) for found in joined]

    return search

"""LlamaIndex on our chunks and vectors; imported only where it is installed."""

from collections.abc import Callable

from llama_index.core import QueryBundle, VectorStoreIndex
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever

from index.encoder import Vectors
from index.lexical import tokens
from index.snapshot import Snapshot

NAME = "LlamaIndex, fused ranks"


def method(snapshot: Snapshot, chunks: int) -> Callable[[str, Vectors], list[str]]:
    """Its vector index and its BM25, fused by its reciprocal ranks.

    Its BM25 splits at spaces, so that it is given the words that our segmenter finds.
    """
    nodes = [
        TextNode(
            text=spaced(f"{snapshot.document_of(row).title}\n{chunk.text}"),
            embedding=snapshot.stored_vectors[row].astype(float).tolist(),
            metadata={"document": chunk.document_id},
            excluded_embed_metadata_keys=["document"],
            excluded_llm_metadata_keys=["document"],
        )
        for row, chunk in enumerate(snapshot.chunks)
    ]
    index = VectorStoreIndex(nodes, embed_model=MockEmbedding(snapshot.manifest.dim))
    words = BM25Retriever.from_defaults(
        nodes=nodes, similarity_top_k=chunks, token_pattern=r"\S+", skip_stemming=True
    )
    both = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=chunks), words],
        llm=MockLLM(),
        similarity_top_k=chunks,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
    )

    def search(question: str, vector: Vectors) -> list[str]:
        bundle = QueryBundle(spaced(question), embedding=vector.astype(float).tolist())
        return [found.node.metadata["document"] for found in both.retrieve(bundle)]

    return search


def spaced(text: str) -> str:
    """The words of a text with spaces between them."""
    return " ".join(tokens(text).words)

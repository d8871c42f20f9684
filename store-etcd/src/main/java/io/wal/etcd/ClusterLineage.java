package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.WalException;

/**
 * Notices that the cluster is not what it was: wiped, or restored from a backup, under a writer
 * that lives. A cluster keeps its id, and its revisions never go back. Any thread.
 */
final class ClusterLineage {
    private final String location;
    private final long clusterId;
    private long revision;

    ClusterLineage(final String location, final long clusterId, final long revision) {
        this.location = location;
        this.clusterId = clusterId;
        this.revision = revision;
    }

    /**
     * The newest revision known; an answer to what is asked from now on has that or a newer one.
     */
    synchronized long revision() {
        return revision;
    }

    /**
     * Looks at an answer that came through a quorum.
     *
     * @param answerClusterId of the answer.
     * @param answerRevision of the answer.
     * @param revisionWhenAsked the newest revision that was known when the question was sent.
     * @return why the log cannot go on; null when it can.
     */
    synchronized WalException check(
            final long answerClusterId, final long answerRevision, final long revisionWhenAsked) {
        if (answerClusterId != clusterId) {
            return new CorruptLogException(
                    location,
                    0,
                    0,
                    "the cluster has another id than before, "
                            + Long.toHexString(answerClusterId)
                            + " instead of "
                            + Long.toHexString(clusterId)
                            + "; it was replaced or restored");
        }
        if (answerRevision < revisionWhenAsked) {
            return new CorruptLogException(
                    location,
                    0,
                    0,
                    "the cluster went back from revision "
                            + revisionWhenAsked
                            + " to "
                            + answerRevision
                            + "; it was restored from a backup");
        }
        revision = Math.max(revision, answerRevision);
        return null;
    }
}

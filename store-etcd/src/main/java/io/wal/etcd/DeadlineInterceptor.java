package io.wal.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;

/**
 * Gives each call a deadline, which jetcd does not: without one a call to a member that is gone
 * never ends.
 */
final class DeadlineInterceptor implements ClientInterceptor {
    private static final long LEASE_DEADLINE_MS = 800;

    private final long deadlineMs;

    DeadlineInterceptor(final long deadlineMs) {
        this.deadlineMs = deadlineMs;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            final MethodDescriptor<Q, A> method, final CallOptions options, final Channel next) {
        return next.newCall(method, withDeadline(method, options));
    }

    private CallOptions withDeadline(
            final MethodDescriptor<?, ?> method, final CallOptions options) {
        if (method.getType() == MethodDescriptor.MethodType.UNARY) {
            return options.withDeadlineAfter(deadlineMs, TimeUnit.MILLISECONDS);
        }
        if (method.getFullMethodName()
                .endsWith("LeaseKeepAlive")) { // a stream of which one beat alone is used
            return options.withDeadlineAfter(
                    Math.min(deadlineMs, LEASE_DEADLINE_MS), TimeUnit.MILLISECONDS);
        }
        return options;
    }
}

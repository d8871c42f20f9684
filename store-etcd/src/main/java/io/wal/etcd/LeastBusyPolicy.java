package io.wal.etcd;

import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.util.ForwardingLoadBalancerHelper;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends each request to the member with the fewest that are not answered, and in turn where that is
 * equal, for gRPC. A member that hangs keeps its connection, and would get its turn as the others
 * do: here it gets one request or two, and from then on the others are asked.
 */
final class LeastBusyPolicy extends LoadBalancerProvider {
    private static final String NAME = "wal_least_busy";
    private static final String IN_TURN = "round_robin";
    private static final int PRIORITY = 5;
    private static final int MOST_MEMBERS = 16;

    /**
     * After a request was not answered before its deadline, a member counts as busy for a while.
     */
    private static final long SUSPICION_NS = TimeUnit.SECONDS.toNanos(3);

    private static final int SUSPICION = 1 << 16;

    static {
        LoadBalancerRegistry.getDefaultRegistry().register(new LeastBusyPolicy());
    }

    private LeastBusyPolicy() {}

    /** The name by which gRPC knows it from now on. */
    static String name() {
        return NAME;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public int getPriority() {
        return PRIORITY;
    }

    @Override
    public String getPolicyName() {
        return NAME;
    }

    @Override
    public LoadBalancer newLoadBalancer(final LoadBalancer.Helper helper) {
        return LoadBalancerRegistry.getDefaultRegistry()
                .getProvider(IN_TURN)
                .newLoadBalancer(new Helper(helper));
    }

    private static final class Helper extends ForwardingLoadBalancerHelper {
        private final LoadBalancer.Helper helper;
        private final Loads loads = new Loads();

        Helper(final LoadBalancer.Helper helper) {
            this.helper = helper;
        }

        @Override
        protected LoadBalancer.Helper delegate() {
            return helper;
        }

        @Override
        public void updateBalancingState(
                final ConnectivityState state, final LoadBalancer.SubchannelPicker inTurn) {
            helper.updateBalancingState(state, new Picker(inTurn, loads));
        }
    }

    /** Picks a member for each request. */
    static final class Picker extends LoadBalancer.SubchannelPicker {
        private final LoadBalancer.SubchannelPicker inTurn;
        private final Loads loads;

        /**
         * Creates a picker.
         *
         * @param inTurn which picks the members that can be reached, one after the other.
         * @param loads of the members.
         */
        Picker(final LoadBalancer.SubchannelPicker inTurn, final Loads loads) {
            this.inTurn = inTurn;
            this.loads = loads;
        }

        /** Streams last, and say nothing of how busy a member is. */
        @Override
        public LoadBalancer.PickResult pickSubchannel(final LoadBalancer.PickSubchannelArgs args) {
            final LoadBalancer.PickResult first = inTurn.pickSubchannel(args);
            return first.getSubchannel() == null
                            || args.getMethodDescriptor().getType()
                                    != MethodDescriptor.MethodType.UNARY
                    ? first
                    : pickLeastBusy(first, args);
        }

        private LoadBalancer.PickResult pickLeastBusy(
                final LoadBalancer.PickResult first, final LoadBalancer.PickSubchannelArgs args) {
            final long nowNs = System.nanoTime();
            LoadBalancer.PickResult best = first;
            Load least = loads.of(first.getSubchannel());
            for (int i = 1; i < MOST_MEMBERS && least.count(nowNs) > 0; i++) {
                final LoadBalancer.PickResult next = inTurn.pickSubchannel(args);
                if (next.getSubchannel() == null || next.getSubchannel() == first.getSubchannel()) {
                    break;
                }
                final Load load = loads.of(next.getSubchannel());
                if (load.count(nowNs) < least.count(nowNs)) {
                    best = next;
                    least = load;
                }
            }
            return best.copyWithStreamTracerFactory(least);
        }
    }

    /** The requests of all members. */
    static final class Loads {
        private final Map<LoadBalancer.Subchannel, Load> bySubchannel = new WeakHashMap<>();

        synchronized Load of(final LoadBalancer.Subchannel subchannel) {
            return bySubchannel.computeIfAbsent(subchannel, key -> new Load());
        }
    }

    /** The requests of a member. */
    private static final class Load extends ClientStreamTracer.Factory {
        /**
         * What a member answers that hangs, or fails at once: it would always be the least busy. If
         * all answer so, all are alike again.
         */
        private static final Set<Status.Code> SUSPICIOUS =
                EnumSet.of(
                        Status.Code.DEADLINE_EXCEEDED,
                        Status.Code.UNAVAILABLE,
                        Status.Code.RESOURCE_EXHAUSTED,
                        Status.Code.UNIMPLEMENTED,
                        Status.Code.UNAUTHENTICATED,
                        Status.Code.INTERNAL,
                        Status.Code.UNKNOWN);

        private final AtomicInteger unansweredCount = new AtomicInteger();
        private volatile long suspectedNs = System.nanoTime() - SUSPICION_NS;

        int count(final long nowNs) {
            return unansweredCount.get() + (nowNs - suspectedNs < SUSPICION_NS ? SUSPICION : 0);
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(
                final ClientStreamTracer.StreamInfo info, final Metadata headers) {
            unansweredCount.incrementAndGet();
            return new ClientStreamTracer() {
                @Override
                public void streamClosed(final Status status) {
                    unansweredCount.decrementAndGet();
                    if (SUSPICIOUS.contains(status.getCode())) {
                        suspectedNs = System.nanoTime();
                    }
                }
            };
        }
    }
}

package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.WatchGrpc;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of three members a request goes to. */
class LeastBusyPolicyTest {
    private final List<Member> members = List.of(new Member(), new Member(), new Member());
    private final InTurn inTurn = new InTurn();
    private final LeastBusyPolicy.Picker picker =
            new LeastBusyPolicy.Picker(inTurn, new LeastBusyPolicy.Loads());

    /** A request under way. */
    private record Request(int member, ClientStreamTracer tracer) {
        void end(final Status status) {
            tracer.streamClosed(status);
        }
    }

    private Request send() {
        final LoadBalancer.PickResult result =
                picker.pickSubchannel(new Args(KVGrpc.getTxnMethod()));
        return new Request(
                members.indexOf(result.getSubchannel()),
                result.getStreamTracerFactory()
                        .newClientStreamTracer(
                                ClientStreamTracer.StreamInfo.newBuilder().build(),
                                new Metadata()));
    }

    private int ask() {
        final Request request = send();
        request.end(Status.OK);
        return request.member();
    }

    @Test
    void membersAreAskedInTurnWhileAllAnswer() {
        assertThat(List.of(ask(), ask(), ask(), ask())).containsExactly(0, 1, 2, 0);
    }

    @Test
    void memberThatDoesNotAnswerGetsOneRequestAndTheOthersTheRest() {
        final Request stuck = send();

        for (int i = 0; i < 20; i++) {
            assertThat(ask()).isNotEqualTo(stuck.member());
        }

        stuck.end(Status.OK);
        assertThat(List.of(ask(), ask(), ask())).contains(stuck.member());
    }

    @Test
    void requestsUnderWayAreSpread() {
        assertThat(List.of(send(), send(), send(), send(), send(), send()))
                .extracting(Request::member)
                .containsExactlyInAnyOrder(0, 0, 1, 1, 2, 2);
    }

    @Test
    void memberThatLetADeadlinePassIsAvoidedThoughItsRequestHasEnded() {
        final Request late = send();
        late.end(Status.DEADLINE_EXCEEDED);

        for (int i = 0; i < 20; i++) {
            assertThat(send().member()).isNotEqualTo(late.member());
        }
    }

    @Test
    void onlyMemberIsAskedHoweverBusyItIs() {
        inTurn.most = 1;
        send();
        send().end(Status.DEADLINE_EXCEEDED);

        assertThat(send().member()).isZero();
    }

    @Test
    void streamsAndWhatCannotBePickedAreNoneOfItsBusiness() {
        assertThat(
                        picker.pickSubchannel(new Args(WatchGrpc.getWatchMethod()))
                                .getStreamTracerFactory())
                .isNull();
        inTurn.most = 0;

        assertThat(picker.pickSubchannel(new Args(KVGrpc.getTxnMethod())))
                .isEqualTo(LoadBalancer.PickResult.withNoResult());
    }

    private final class InTurn extends LoadBalancer.SubchannelPicker {
        private int most = members.size();
        private int next;

        @Override
        public LoadBalancer.PickResult pickSubchannel(final LoadBalancer.PickSubchannelArgs args) {
            return most == 0
                    ? LoadBalancer.PickResult.withNoResult()
                    : LoadBalancer.PickResult.withSubchannel(members.get(next++ % most));
        }
    }

    private static final class Member extends LoadBalancer.Subchannel {
        @Override
        public void shutdown() {
            throw new AssertionError("a picker ends nothing");
        }

        @Override
        public void requestConnection() {
            throw new AssertionError("a picker connects nothing");
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return List.of();
        }
    }

    private static final class Args extends LoadBalancer.PickSubchannelArgs {
        private final MethodDescriptor<?, ?> method;

        Args(final MethodDescriptor<?, ?> method) {
            this.method = method;
        }

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return new Metadata();
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            return method;
        }
    }
}

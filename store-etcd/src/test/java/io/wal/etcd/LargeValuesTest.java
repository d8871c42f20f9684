package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes out in the place of what jetcd is given. */
class LargeValuesTest {
    private final LargeValues largeValues = new LargeValues();
    private final List<Object> sent = new ArrayList<>();
    private final ClientCall<TxnRequest, TxnResponse> call =
            largeValues.interceptCall(
                    KVGrpc.getTxnMethod(), CallOptions.DEFAULT, new RecordingChannel());

    private static byte[] value(final int fill) {
        final byte[] value = new byte[5000];
        Arrays.fill(value, (byte) fill);
        return value;
    }

    private static TxnRequest putting(final ByteString... values) {
        final TxnRequest.Builder request = TxnRequest.newBuilder();
        for (final ByteString value : values) {
            request.addSuccess(
                    RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setValue(value)));
        }
        return request.build();
    }

    private static ByteString bytes(final ByteSequence token) {
        return ByteString.copyFrom(token.getBytes());
    }

    @Test
    void tokensAreReplacedByTheirValuesAndAllElseGoesAsItIs() {
        final ByteString one = bytes(largeValues.leave(value(1)));
        final ByteString two = bytes(largeValues.leave(value(2)));
        final ByteString text = ByteString.copyFromUtf8("lsn=1");

        call.sendMessage(putting(two, text, one));
        call.sendMessage(putting(text));

        assertThat(sent)
                .containsExactly(
                        putting(ByteString.copyFrom(value(2)), text, ByteString.copyFrom(value(1))),
                        putting(text));
    }

    @Test
    void requestMayBeSentAgainUntilItHasEnded() {
        final ByteSequence token = largeValues.leave(value(1));
        call.sendMessage(putting(bytes(token)));
        call.sendMessage(putting(bytes(token)));
        largeValues.drop(token);

        assertThatThrownBy(() -> call.sendMessage(putting(bytes(token))))
                .isInstanceOf(IllegalStateException.class);

        assertThat(sent).hasSize(2).containsOnly(putting(ByteString.copyFrom(value(1))));
    }

    private final class RecordingChannel extends Channel {
        @Override
        public String authority() {
            return "here";
        }

        @Override
        public <Q, A> ClientCall<Q, A> newCall(
                final MethodDescriptor<Q, A> method, final CallOptions options) {
            return new ClientCall<>() {
                @Override
                public void start(final Listener<A> listener, final Metadata headers) {
                    throw new AssertionError("nothing is asked here");
                }

                @Override
                public void request(final int count) {
                    throw new AssertionError("nothing is asked here");
                }

                @Override
                public void cancel(final String message, final Throwable cause) {
                    throw new AssertionError("nothing is asked here");
                }

                @Override
                public void halfClose() {
                    throw new AssertionError("nothing is asked here");
                }

                @Override
                public void sendMessage(final Q message) {
                    sent.add(message);
                }
            };
        }
    }
}

package io.wal.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes the values of batches past jetcd, which copies each and computes a hash of it that nobody
 * asks for: for a value of 256 KiB that takes more processor time than all else a client does with
 * it. jetcd is given a short token in its place, and the request gets the value on its way out. Any
 * thread.
 */
final class LargeValues implements ClientInterceptor {
    /** Shorter values go as they are. */
    private static final int LEAST_LENGTH = 1024;

    /** What the tokens begin with. Large values begin otherwise, and small ones are text. */
    private static final ByteString TOKEN = ByteString.copyFromUtf8("\0value of wal ");

    private final AtomicLong count = new AtomicLong();
    private final Map<ByteString, ByteString> values = new ConcurrentHashMap<>();

    static boolean isLarge(final byte[] value) {
        return value.length >= LEAST_LENGTH;
    }

    /**
     * Keeps a value for a request.
     *
     * @param value that nobody changes any more.
     * @return what stands for it in that request.
     */
    ByteSequence leave(final byte[] value) {
        final ByteString token =
                TOKEN.concat(ByteString.copyFromUtf8(Long.toString(count.incrementAndGet())));
        values.put(token, UnsafeByteOperations.unsafeWrap(value));
        return ByteSequence.from(token);
    }

    /** The request has ended, and will not be sent again. */
    void drop(final ByteSequence token) {
        values.remove(ByteString.copyFrom(token.getBytes()));
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            final MethodDescriptor<Q, A> method, final CallOptions options, final Channel next) {
        return new FillingCall<>(next.newCall(method, options));
    }

    private TxnRequest filled(final TxnRequest request) {
        TxnRequest.Builder filled = null;
        for (int i = 0; i < request.getSuccessCount(); i++) {
            final RequestOp op = request.getSuccess(i);
            if (op.hasRequestPut() && op.getRequestPut().getValue().startsWith(TOKEN)) {
                filled = filled == null ? request.toBuilder() : filled;
                filled.getSuccessBuilder(i)
                        .getRequestPutBuilder()
                        .setValue(valueOf(op.getRequestPut().getValue()));
            }
        }
        return filled == null ? request : filled.build();
    }

    private ByteString valueOf(final ByteString token) {
        final ByteString value = values.get(token);
        if (value == null) { // a token must never be stored in the place of a batch
            throw new IllegalStateException("the request has ended, and is sent all the same");
        }
        return value;
    }

    private final class FillingCall<Q, A> extends SimpleForwardingClientCall<Q, A> {
        FillingCall(final ClientCall<Q, A> call) {
            super(call);
        }

        @Override
        @SuppressWarnings("unchecked") // of the same class as what it is made from
        public void sendMessage(final Q message) {
            super.sendMessage(
                    message instanceof TxnRequest request ? (Q) filled(request) : message);
        }
    }
}

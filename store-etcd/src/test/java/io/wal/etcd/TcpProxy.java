package io.wal.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Stands between a client and a member, and does to their connection what networks do. */
final class TcpProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int targetPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean holdsRequests;
    private volatile boolean dropsAnswers;
    private volatile long delayMs;
    private volatile boolean closed;

    TcpProxy(final int targetPort) {
        this.targetPort = targetPort;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    String endpoint() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Nothing goes through, and nobody is told. */
    void partition() {
        holdsRequests = true;
        dropsAnswers = true;
    }

    /** Requests go through and are done; the answers are lost. */
    void dropAnswers() {
        dropsAnswers = true;
    }

    /** Everything takes longer. */
    void delay(final long timeMs) {
        delayMs = timeMs;
    }

    /** Connections that lost something are ended, new ones work. */
    void heal() {
        if (dropsAnswers || holdsRequests) {
            sockets.forEach(TcpProxy::end);
            sockets.clear();
        }
        holdsRequests = false;
        dropsAnswers = false;
        delayMs = 0;
    }

    @Override
    public void close() {
        closed = true;
        sockets.forEach(TcpProxy::end);
        try {
            server.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!closed) {
            try {
                final Socket client = server.accept();
                final Socket member = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                sockets.add(client);
                sockets.add(member);
                start(() -> pump(client, member, true));
                start(() -> pump(member, client, false));
            } catch (final IOException e) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    private void pump(final Socket from, final Socket to, final boolean requests) {
        final byte[] bytes = new byte[64 << 10];
        try {
            final InputStream in = from.getInputStream();
            final OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(bytes)) > 0) {
                if (delayMs > 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMs));
                }
                if (requests ? !holdsRequests : !dropsAnswers) {
                    out.write(bytes, 0, length);
                    out.flush();
                }
            }
        } catch (final IOException e) {
            // ended below
        }
        end(from);
        end(to);
    }

    private static void start(final Runnable task) {
        final Thread thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void end(final Socket socket) {
        try {
            socket.close();
        } catch (final IOException e) {
            // it is closed all the same
        }
    }
}

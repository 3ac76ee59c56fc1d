package io.standardmetrics.smtoken;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A server that accepts connections and answers nothing. */
final class Hole implements AutoCloseable {
    private final ServerSocket listening;
    private final Semaphore reached = new Semaphore(0);
    private final List<Socket> connections = new ArrayList<>();

    Hole() {
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException lost) {
            throw new UncheckedIOException(lost);
        }
        Thread accepting = new Thread(this::accept, "hole");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** A client whose requests end here; its timeout is 30 s. */
    Client client() {
        return new Client("id", "secret", options());
    }

    Options options() {
        return new Options().baseUrl("http://127.0.0.1:" + listening.getLocalPort()).maxRetries(0);
    }

    /** Waits until one more request has come. */
    void awaitRequest() throws InterruptedException {
        reached.acquire();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        synchronized (connections) {
            for (Socket connection : connections) {
                connection.close();
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = listening.accept();
                synchronized (connections) {
                    connections.add(connection);
                }
                reached.release();
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }
}

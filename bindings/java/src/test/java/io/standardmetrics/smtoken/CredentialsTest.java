package io.standardmetrics.smtoken;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Credentials out of files, and new ones for a client. */
public final class CredentialsTest {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Test
    public void credentials_are_read_from_files() throws IOException {
        Options options = Service.trusted()
                .credentialFiles(written(Service.ODD_CLIENT_ID + "\n"), written(Service.ODD_CLIENT_SECRET + "\n"));
        Token.fetch(options).close();
        options.credentialFiles(written(Service.CLIENT_ID), written("a wrong secret"));
        assertEquals(Status.INVALID_CLIENT, thrown(() -> Token.fetch(options)).status());
    }

    @Test
    public void a_file_that_is_missing_is_named() {
        Options options = Service.trusted().credentialFiles("/no/such/id", "/no/such/secret");
        String said = thrown(() -> Token.fetch(options)).getMessage();
        assertTrue(said, said.contains("/no/such/id"));
    }

    @Test
    public void one_file_without_the_other_is_refused() {
        Options options = Service.trusted().credentialFiles("/no/such/id", null);
        assertEquals(Status.INVALID_ARGUMENT, thrown(() -> Token.fetch(options)).status());
    }

    @Test
    public void new_credentials_end_a_remembered_refusal() {
        try (Client client = new Client(Service.CLIENT_ID, "a wrong secret", Service.trusted())) {
            assertEquals(Status.INVALID_CLIENT, thrown(client::authorization).status());
            client.setCredentials(Service.CLIENT_ID, Service.CLIENT_SECRET);
            client.authorization();
        }
    }

    @Test
    public void new_credentials_leave_the_token() {
        try (Client client = new Client(Service.trusted())) {
            String before = client.authorization();
            client.setCredentials(Service.ODD_CLIENT_ID, Service.ODD_CLIENT_SECRET);
            assertTrue("the same token", client.authorization().equals(before));
        }
    }

    @Test
    public void new_credentials_that_are_none_are_refused_by_name() {
        try (Client client = new Client(Service.trusted())) {
            assertEquals(
                    "clientSecret",
                    assertThrows(NullPointerException.class, () -> client.setCredentials("id", null)).getMessage());
            assertEquals(Status.INVALID_ARGUMENT, thrown(() -> client.setCredentials("id", "")).status());
        }
    }

    private String written(String text) throws IOException {
        return Files.writeString(folder.newFile().toPath(), text).toString();
    }

    private static SmTokenException thrown(Runnable call) {
        return assertThrows(SmTokenException.class, call::run);
    }
}

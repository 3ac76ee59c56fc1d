using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

/// <summary>Answers one token request on loopback, with a token longer than the real server gives.</summary>
internal sealed class LongTokenServer : IDisposable
{
    private readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);

    /// <param name="answering">Set when it may answer; null for at once.</param>
    internal LongTokenServer(string token, ManualResetEventSlim answering = null)
    {
        listener.Start();
        string body = "{\"access_token\": \"" + token + "\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}";
        new Thread(() => Answer(body, answering)) { IsBackground = true }.Start();
    }

    internal string Url
    {
        get { return "http://" + listener.LocalEndpoint; }
    }

    public void Dispose()
    {
        listener.Stop();
    }

    private void Answer(string body, ManualResetEventSlim answering)
    {
        using (TcpClient connection = listener.AcceptTcpClient())
        using (NetworkStream stream = connection.GetStream())
        {
            stream.Read(new byte[64 * 1024], 0, 64 * 1024);
            if (answering != null) answering.Wait();
            string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ";
            byte[] answer = Encoding.ASCII.GetBytes(head + body.Length + "\r\n\r\n" + body);
            stream.Write(answer, 0, answer.Length);
        }
    }
}

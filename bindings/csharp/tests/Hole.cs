using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using SmToken;

/// <summary>A server that accepts connections and answers nothing.</summary>
internal sealed class Hole : IDisposable
{
    private readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
    private readonly SemaphoreSlim reached = new SemaphoreSlim(0);
    private readonly List<TcpClient> connections = new List<TcpClient>();

    private readonly Thread accepting;
    private volatile bool over;

    internal Hole()
    {
        listener.Start();
        accepting = new Thread(Accept) { IsBackground = true };
        accepting.Start();
    }

    /// <summary>Of a client whose requests end here; its timeout is 30 s.</summary>
    internal SmOptions Options
    {
        get { return new SmOptions { BaseUrl = "http://" + listener.LocalEndpoint, MaxRetries = 0 }; }
    }

    internal SmClient Client()
    {
        return new SmClient("id", "secret", Options);
    }

    /// <summary>Waits until one more request has come.</summary>
    internal void AwaitRequest()
    {
        reached.Wait();
    }

    public void Dispose()
    {
        over = true;
        accepting.Join();
        listener.Stop();
        connections.ForEach(connection => connection.Close());
    }

    // It looks and never blocks: to stop a listener that another thread accepts at hangs on some runtimes.
    private void Accept()
    {
        while (!over)
        {
            if (!listener.Pending())
            {
                Thread.Sleep(5);
                continue;
            }
            connections.Add(listener.AcceptTcpClient());
            reached.Release();
        }
    }
}

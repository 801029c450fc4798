using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>
/// A lasting connection to the sound server, which all streams share: what outputs and sources there are, a notice when that changes or the connection ends, playing
/// on the ones and recording from the others. It does not come back by itself: its owner opens another. Any thread, but <see cref="Dispose"/> alone and last.
/// </summary>
public sealed unsafe class PulseSession : IDisposable
{
    private readonly PulseConnection _connection;
    private readonly Action _changed;
    private readonly GCHandle _self;
    private volatile bool _ended;

    private PulseSession(PulseConnection connection, Action changed)
    {
        (_connection, _changed) = (connection, changed);
        _self = GCHandle.Alloc(this);
    }

    /// <summary>False once the server is gone.</summary>
    public bool IsAlive => !_ended;

    /// <param name="server">Null: as PULSE_SERVER and the user's settings say.</param>
    /// <param name="patience">For each of the server's answers.</param>
    /// <param name="changed">An output or a source came, went or changed, or the server is gone. On libpulse's thread: it only hands over.</param>
    /// <exception cref="PulseException">The library or the server is missing, or the server does not let us in or does not answer.</exception>
    public static PulseSession Open(string? server, TimeSpan patience, Action changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var session = new PulseSession(new PulseConnection(server, patience), changed);
        session._connection.Locked(session.Subscribe);
        return session;
    }

    /// <summary>The server's outputs now.</summary>
    /// <exception cref="PulseException">It did not answer, or is gone.</exception>
    public IReadOnlyList<PulseSink> ReadSinks() => Read<PulseSink>(list => LibPulse.ContextSinks(_connection.Context, &OnSink, list), "no list of outputs came");

    /// <summary>What the server can be recorded from now, but for copies of what is played.</summary>
    /// <exception cref="PulseException">It did not answer, or is gone.</exception>
    public IReadOnlyList<PulseSource> ReadSources() => Read<PulseSource>(list => LibPulse.ContextSources(_connection.Context, &OnSource, list), "no list of sources came");

    /// <summary>Begins to play on an output: there at once, and ready when the server has said yes.</summary>
    /// <param name="name">What plays, as mixers show it.</param>
    /// <exception cref="PulseException">The connection is gone.</exception>
    public PulsePlayback Play(string sink, string name, int rate) => new(_connection, sink, name, rate);

    /// <summary>Begins to record from a source, in stereo: there at once, and ready when the server has said yes.</summary>
    /// <param name="name">What records, as mixers show it.</param>
    /// <exception cref="PulseException">The connection is gone.</exception>
    public PulseRecording Record(string source, string name) => PulseRecording.OfMusic(_connection, source, name);

    /// <summary>Every stream is disposed before.</summary>
    public void Dispose()
    {
        _ended = true;
        _connection.Locked(() =>
        {
            LibPulse.ContextSetStateCallback(_connection.Context, null, 0);
            LibPulse.ContextSetSubscribeCallback(_connection.Context, null, 0);
            return true;
        });
        _connection.Dispose();
        _self.Free();
    }

    private List<T> Read<T>(Func<nint, nint> ask, string silence)
    {
        var found = new List<T>();
        var handle = GCHandle.Alloc(found);
        var operation = _connection.Locked(() => ask(GCHandle.ToIntPtr(handle)));
        try
        {
            if (operation == 0) throw _connection.Locked(_connection.LastError);
            _connection.WaitUntil(() => LibPulse.OperationState(operation) != LibPulse.OperationRunning, PulseFailure.NoAnswer, silence);
            return _ended ? throw new PulseException(PulseFailure.NoServer, "it is gone") : found;
        }
        finally
        {
            // A cancelled operation calls back no more: only then may the handle go.
            _connection.Locked(() => PulseConnection.End(operation));
            handle.Free();
        }
    }

    private bool Subscribe()
    {
        var user = GCHandle.ToIntPtr(_self);
        LibPulse.ContextSetStateCallback(_connection.Context, &OnState, user);
        LibPulse.ContextSetSubscribeCallback(_connection.Context, &OnChange, user);
        var operation = LibPulse.ContextSubscribe(_connection.Context, LibPulse.SubscribeSinks | LibPulse.SubscribeSources, 0, 0);
        if (operation != 0) LibPulse.OperationUnref(operation);
        return true;
    }

    private void Tell()
    {
        if (LibPulse.ContextState(_connection.Context) >= LibPulse.ContextFailed) _ended = true;
        _changed();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnState(nint context, nint user) => PulseCallback.Run<PulseSession>(user, session => session.Tell());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnChange(nint context, int what, uint index, nint user) => PulseCallback.Run<PulseSession>(user, session => session.Tell());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSink(nint context, LibPulse.DeviceInfo* info, int end, nint user)
    {
        if (end == 0 && info != null) PulseCallback.Run<List<PulseSink>>(user, sinks => sinks.Add(PulseSink.From(info)));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSource(nint context, LibPulse.DeviceInfo* info, int end, nint user)
    {
        if (end != 0 || info == null) return;
        PulseCallback.Run<List<PulseSource>>(user, sources =>
        {
            if (PulseSource.From(info) is { } source) sources.Add(source);
        });
    }
}

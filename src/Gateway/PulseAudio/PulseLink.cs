using System.Threading.Channels;
using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.Timing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.PulseAudio;

/// <summary>A stream on the link's connection. Its owner disposes it, or the link does before the connection ends.</summary>
internal interface IPulseStream : IDisposable
{
    /// <summary>It holds nothing of the connection any more. Any thread.</summary>
    bool IsReleased { get; }
}

/// <summary>What is known of the server.</summary>
/// <param name="Failure">Why it cannot be had; null: nothing is known to be wrong.</param>
internal sealed record PulseView(IReadOnlyList<PulseSink> Sinks, IReadOnlyList<PulseSource> Sources, PulseException? Failure)
{
    public static PulseView Nothing { get; } = new([], [], null) { IsKnown = false };

    /// <summary>The server has been asked.</summary>
    public bool IsKnown { get; init; } = true;
}

/// <summary>
/// The one connection to the sound server that all streams share, as long as the server has Bluetooth's sound, or a speaker or a source is one of its own: opened when it is
/// needed, and opened anew when the server comes back. It looks at what the server has whenever that changes, and now and then.
/// </summary>
internal sealed class PulseLink(IBluetooth bluetooth, PulseOptions options, TimeProvider time, ILogger<PulseLink> logger) : BackgroundService
{
    /// <summary>From a link to its sink or source a server takes some hundred ms; with a busy machine, seconds.</summary>
    public static readonly TimeSpan Coming = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    /// <summary>Notices come in bursts.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(30);

    /// <summary>What nobody tells of is looked at so often.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly List<IPulseStream> _streams = []; // by the gate
    private PulseSession? _session; // by the gate
    private PulseView _view = PulseView.Nothing;
    private volatile bool _isWanted;

    /// <summary>It has looked, and may have seen nothing new. On its own loop.</summary>
    public event Action? Looked;

    /// <summary>Any thread.</summary>
    public PulseView Current => Volatile.Read(ref _view);

    private bool IsNeeded => bluetooth.Current.OwnsAudio == false || options.Sinks.Count > 0 || options.HasLineIn || _isWanted;

    /// <summary>From now on it is needed, whatever the configuration says. Any thread.</summary>
    public void Want()
    {
        _isWanted = true;
        Wake();
    }

    /// <summary>Opens a stream by the view as it is now. Any thread.</summary>
    /// <exception cref="PortException">The server is not there; or what the opening itself throws.</exception>
    public T Open<T>(Func<PulseSession, PulseView, T> open) where T : IPulseStream
    {
        var view = Current;
        lock (_gate)
        {
            if (_session is not { IsAlive: true } session) throw PulseTexts.NotThere(view.Failure);
            try
            {
                _streams.RemoveAll(s => s.IsReleased);
                var opened = open(session, view);
                _streams.Add(opened);
                return opened;
            }
            catch (PulseException no)
            {
                throw PulseTexts.NotThere(no);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(s_firstRetry, s_longestRetry, s_stable, time);
        bluetooth.Changed += OnBluetooth;
        try
        {
            while (true)
            {
                if (!IsNeeded)
                {
                    await _wake.Reader.ReadAsync(stoppingToken);
                }
                else if (await TryConnectAsync(stoppingToken) is { } session)
                {
                    backoff.Succeeded();
                    await FollowAsync(session, stoppingToken);
                    if (IsNeeded) await Task.Delay(backoff.Failed(), time, stoppingToken);
                }
                else
                {
                    await Task.Delay(backoff.Failed(), time, stoppingToken);
                }
            }
        }
        finally
        {
            bluetooth.Changed -= OnBluetooth;
        }
    }

    private async Task<PulseSession?> TryConnectAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await Task.Run(() => PulseSession.Open(options.Server, s_patience, Wake), stoppingToken);
        }
        catch (PulseException no)
        {
            if (Current.Failure?.Message != no.Message) PulseLog.NoServer(logger, PulseTexts.Clause(no), PulseTexts.Remedy(no));
            Show(new PulseView([], [], no));
            return null;
        }
    }

    private async Task FollowAsync(PulseSession session, CancellationToken stoppingToken)
    {
        PulseLog.Connected(logger);
        lock (_gate) _session = session;
        try
        {
            while (session.IsAlive && IsNeeded)
            {
                Show(await Task.Run(() => new PulseView(session.ReadSinks(), session.ReadSources(), null), stoppingToken));
                await WaitAsync(stoppingToken);
            }

            if (!session.IsAlive) PulseLog.Gone(logger);
        }
        catch (PulseException no)
        {
            PulseLog.NoServer(logger, PulseTexts.Clause(no), PulseTexts.Remedy(no));
        }
        finally
        {
            await EndAsync(session);
        }
    }

    private async Task EndAsync(PulseSession session)
    {
        List<IPulseStream> orphans;
        lock (_gate)
        {
            (_session, orphans) = (null, [.. _streams]);
            _streams.Clear();
        }

        // Their streams before the connection; the audio threads find them closed.
        orphans.ForEach(o => o.Dispose());
        await Task.Run(session.Dispose);
        Show(PulseView.Nothing);
    }

    private void Show(PulseView view)
    {
        Volatile.Write(ref _view, view);
        Looked?.Invoke();
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var told = _wake.Reader.ReadAsync(limit.Token).AsTask();
        await Task.WhenAny(told, Task.Delay(s_look, time, limit.Token));
        var wasTold = told.IsCompletedSuccessfully;
        await limit.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
        if (wasTold) await Task.Delay(s_gather, time, stoppingToken);
    }

    private void OnBluetooth(BluetoothSnapshot seen) => Wake();

    private void Wake() => _wake.Writer.TryWrite(true);
}

using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Echo.Alexa;

/// <summary>
/// The Echos of an account by the Alexa web API. One loop looks every five to ten minutes; commands look by themselves until what they asked for is to be seen, as
/// an answer only means that it was taken.
/// </summary>
internal sealed class AlexaEchoes : IEchoControl, IDisposable
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_outdated = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan s_signedOutPause = TimeSpan.FromHours(6);
    private readonly AlexaClient _client;
    private readonly AlexaCommands _commands;
    private readonly EndpointHealth _health;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Func<double> _random;
    private readonly Lock _gate = new();
    private volatile AlexaLook _look = new();
    private EchoSnapshot _current = EchoSnapshot.Empty;
    private TimeSpan? _seenAt;
    private AlexaTrouble? _trouble;
    private bool _wasThere;

    public AlexaEchoes(AlexaOptions options, TimeProvider time, ILogger log, Func<double>? random = null)
    {
        (_time, _log, _random) = (time, log, random ?? Random.Shared.NextDouble);
        _client = new AlexaClient(options, time, random);
        _commands = new AlexaCommands(_client, time, () => _look, Change);
        _health = new EndpointHealth(time);
        _backoff = new Backoff(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(10), time, random);
    }

    public EchoSnapshot Current => Volatile.Read(ref _current);

    public event Action<EchoSnapshot>? Changed;

    public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => _commands.ConnectAsync(serial, peerAddress, cancellationToken);

    public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => _commands.DisconnectAsync(serial, cancellationToken);

    public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => _commands.ForgetAsync(serial, peerAddress, cancellationToken);

    public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => _commands.SetVolumeAsync(serial, percent, cancellationToken);

    public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => _commands.SetAudioOutputAsync(serial, output, cancellationToken);

    public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) => _commands.CreateWifiGroupAsync(name, serials, cancellationToken);

    public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => _commands.DeleteWifiGroupAsync(id, cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>Looks until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true) await Task.Delay(await LookAsync(cancellationToken), _time, cancellationToken);
    }

    /// <summary>One look at everything.</summary>
    /// <returns>The pause until the next.</returns>
    internal async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
            Change(look => look with { Problem = null, IsOutdated = false });
            _seenAt = _time.Now();
            _backoff.Succeeded();
            if (_trouble is not null || !_wasThere) AlexaLog.There(_log, _client.Site, Current.Echoes.Count);
            (_trouble, _wasThere) = (null, true);
            return s_shortestPause * (1 + _random());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Sound does not depend on this: whatever it is, the gateway goes on.
            var no = e as AlexaException ?? new AlexaException(AlexaTrouble.Unreadable, "An internal fault was met while the Alexa account was asked; it was logged.", inner: e);
            if (e != no) AlexaLog.Fault(_log, e);
            else if (_trouble != no.Trouble) AlexaLog.Problem(_log, no.Text);
            _trouble = no.Trouble;
            Change(look => look with { Problem = no.Text, IsOutdated = _seenAt is not { } seen || _time.Now() - seen > s_outdated });
            return no.Trouble == AlexaTrouble.SignedOut ? s_signedOutPause : _backoff.Failed(no.Quiet);
        }
    }

    /// <summary>Each part is taken in as it comes: a command that reads back meanwhile knows better.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var devices = AlexaReadings.Devices(await _client.GetAsync(AlexaPaths.DevicesAsKept, AlexaPaths.DevicesList, cancellationToken));
        Change(look => look with { Devices = devices });
        var asOf = _time.Now();
        var bluetooth = await PartAsync("Bluetooth", AlexaPaths.Bluetooth, AlexaPaths.BluetoothList, AlexaReadings.Bluetooth, cancellationToken);
        Change(look => look.With(bluetooth, asOf));
        asOf = _time.Now();
        var volumes = await PartAsync("the Echos' volume", AlexaPaths.Volumes, AlexaPaths.VolumesList, AlexaReadings.Volumes, cancellationToken);
        Change(look => look.With(volumes, asOf));
        foreach (var device in devices.Echoes.Where(e => e.HasSocketSettings && e.Online != false))
        {
            var socket = await PartAsync($"the socket of {device.Name}", AlexaPaths.Socket(device), AlexaPaths.SocketList, answer => new Socket(AlexaReadings.Output(answer)), cancellationToken);
            if (socket?.Output is { } output) Change(look => look.With(device.Serial, output));
        }
    }

    /// <summary>A part that fails leaves its facts unknown, and the rest goes on; null: it failed.</summary>
    private async Task<T?> PartAsync<T>(string what, string path, string list, Func<System.Text.Json.JsonElement, T> read, CancellationToken cancellationToken) where T : class
    {
        if (!_health.IsDue(what)) return null;
        try
        {
            var part = read(await _client.GetAsync(path, list, cancellationToken));
            if (_health.Worked(what)) AlexaLog.PartBack(_log, what);
            return part;
        }
        catch (AlexaException no) when (no.Trouble is AlexaTrouble.NotForThisAccount or AlexaTrouble.Unreadable)
        {
            if (_health.Failed(what, no.Text, no.Quiet)) AlexaLog.PartMissing(_log, what, no.Text);
            return null;
        }
    }

    private void Change(Func<AlexaLook, AlexaLook> change)
    {
        lock (_gate)
        {
            _look = change(_look);
            Volatile.Write(ref _current, _look.Snapshot());
            Changed?.Invoke(Current); // a handler only hands over
        }
    }

    /// <summary>An answer that may say nothing.</summary>
    private sealed record Socket(AudioOutput? Output);
}

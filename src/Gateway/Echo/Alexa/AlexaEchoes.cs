using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Echo.Alexa;

/// <summary>
/// The Echos of an account by the Alexa web API. One loop looks every five to ten minutes, and when the cloud tells of a change; commands look by themselves until what they
/// asked for is to be seen, as an answer only means that it was taken.
/// </summary>
internal sealed class AlexaEchoes : IEchoControl, IDisposable
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_outdated = TimeSpan.FromMinutes(25);

    /// <summary>Changes come in flocks.</summary>
    private static readonly TimeSpan s_gatherTime = TimeSpan.FromSeconds(1.5);
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
    private readonly TaskCompletionSource _there = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AlexaParts _told;

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

    /// <summary>Looks and listens until it is stopped.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(LookOnAsync(cancellationToken), new AlexaListener(_client.Push, _time, _log, Tell, _random).RunAsync(_there.Task, cancellationToken));

    private async Task LookOnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _time.Now() + await LookAsync(AlexaParts.All, cancellationToken);
            while (await IsToldAsync(next - _time.Now(), cancellationToken))
            {
                await Task.Delay(s_gatherTime, _time, cancellationToken);
                var told = TakeTold();
                if (_trouble is not null) continue; // its pause is kept, and then everything is looked at
                var pause = await LookAsync(told, cancellationToken);
                if (_trouble is not null) next = _time.Now() + pause;
            }
        }
    }

    /// <summary>The cloud told of a change.</summary>
    private void Tell(AlexaParts parts)
    {
        if (parts == AlexaParts.None) return;
        lock (_gate)
        {
            _told |= parts;
            _news.TrySetResult();
        }
    }

    private AlexaParts TakeTold()
    {
        lock (_gate)
        {
            var told = _told;
            (_told, _news) = (AlexaParts.None, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return told;
        }
    }

    /// <returns>False: nothing was told in that time.</returns>
    private async Task<bool> IsToldAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Task news;
        lock (_gate) news = _news.Task;
        var waiting = news.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, _time, cancellationToken);
        await waiting.Ended();
        cancellationToken.ThrowIfCancellationRequested();
        return waiting.IsCompletedSuccessfully;
    }

    /// <summary>One look, at everything or at a part.</summary>
    /// <returns>The pause until the next.</returns>
    internal async Task<TimeSpan> LookAsync(AlexaParts parts, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(parts, cancellationToken);
            Change(look => look with { Problem = null, IsOutdated = false });
            _seenAt = _time.Now();
            _backoff.Succeeded();
            if (_trouble is not null || !_there.Task.IsCompleted) AlexaLog.There(_log, _client.Site, Current.Echoes.Count);
            _trouble = null;
            _there.TrySetResult();
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
    private async Task ReadAsync(AlexaParts parts, CancellationToken cancellationToken)
    {
        var all = parts == AlexaParts.All;
        if (all)
        {
            var devices = AlexaReadings.Devices(await _client.GetAsync(AlexaPaths.DevicesAsKept, AlexaPaths.DevicesList, cancellationToken));
            Change(look => look with { Devices = devices });
        }

        if (parts.HasFlag(AlexaParts.Bluetooth))
        {
            var asOf = _time.Now();
            var bluetooth = await PartAsync("Bluetooth", AlexaPaths.Bluetooth, AlexaPaths.BluetoothList, AlexaReadings.Bluetooth, cancellationToken);
            Change(look => look.With(bluetooth, asOf));
        }

        if (parts.HasFlag(AlexaParts.Volumes))
        {
            var asOf = _time.Now();
            var volumes = await PartAsync("the Echos' volume", AlexaPaths.Volumes, AlexaPaths.VolumesList, AlexaReadings.Volumes, cancellationToken);
            Change(look => look.With(volumes, asOf));
        }

        foreach (var device in (_look.Devices?.Echoes ?? []).Where(e => all && e.HasSocketSettings && e.Online != false))
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

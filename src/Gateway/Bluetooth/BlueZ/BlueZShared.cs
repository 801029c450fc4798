using System.Collections.Concurrent;
using Gateway.Bluetooth.A2dp;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Sbc;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>The state that outlives bluetoothd's restarts: facts, streams, agent, the choice of who carries the sound, and the view. Any thread.</summary>
internal sealed class BlueZShared(BluetoothOptions options, TimeProvider time, ILogger logger, Store? store)
{
    private readonly AudioOwnership _ownership = new(options.Audio, SbcLibrary.IsAvailable, AudioChoice.IsHomeAssistantOs()); // the session's loop's
    private volatile AudioChoice? _choice;
    private volatile AudioProblem? _audioProblem;
    private IReadOnlyDictionary<BluetoothAddress, RadioRole> _roles = new Dictionary<BluetoothAddress, RadioRole>();
    private readonly Heartbeat _heartbeat = new();
    private readonly ConcurrentDictionary<BluetoothAddress, StallWatch> _stalls = new();
    private bool _heldTold;
    private volatile BluetoothServiceVersion? _version;

    public TimeProvider Time => time;
    public DeviceFactsTable Facts { get; } = new();
    public OwnStreams Streams { get; } = new();
    public ControllerBuffers Buffers { get; } = new();

    public KnownSources KnownSources { get; } = new(store);

    /// <summary>T4: what adapters refused.</summary>
    public LearnedLimits Limits { get; } = new(options, store, time, logger);

    /// <summary>Of the streams on one adapter.</summary>
    public StallWatch StallsOn(BluetoothAddress adapter) => _stalls.GetOrAdd(adapter, static (_, heartbeat) => new StallWatch(heartbeat), _heartbeat);

    public PairingAgent Agent { get; } = new(new PairingPolicy(time), time, logger);

    public PairingPolicy Pairing => Agent.Pairing;

    /// <summary>In which role devices are wanted, by address; replaced whole.</summary>
    public IReadOnlyDictionary<BluetoothAddress, RadioRole> Roles
    {
        get => Volatile.Read(ref _roles);
        set => Volatile.Write(ref _roles, value);
    }

    /// <summary>
    /// The role in which a device may be linked now: as a connect of ours wants it, else as the reconciler does, else as it was connected from our side, else its usual one. Null: either, whichever it
    /// comes with (it has just paired by itself in pairing mode, or has not told its services yet).
    /// </summary>
    public RadioRole? WantedRole(BluetoothAddress adapter, BluetoothAddress device, string path)
    {
        var own = Facts.Find(adapter, device);
        if (own?.ConnectingAs is { } tried) return tried;
        if (Roles.TryGetValue(device, out var told)) return told;
        if (own?.ConnectedAs is { } stands) return stands;
        if (!View.Objects.TryGetValue(path, out var known) || (known.Kind is RadioKind.Unknown && Pairing.HasPairedByItself(path))) return null;
        if (options.Configured(device) is not null) return known.UsualRole;
        var silent = !known.OffersSource && !known.OffersSink && known.Kind is not (RadioKind.Echo or RadioKind.Phone);
        return silent ? null : known.UsualRole;
    }

    public BlueZViews Views { get; } = new(time);

    /// <summary>The latest.</summary>
    public BlueZView View => Views.Latest;

    public bool OwnsAudio => _choice?.Own ?? options.Audio == BluetoothAudio.Own;

    /// <summary>Who carries the sound; null: not decided yet.</summary>
    public AudioChoice? Choice => _choice;

    /// <summary>Why nothing can be connected for sound; null: nothing stands in the way.</summary>
    public AudioProblem? AudioProblem => _audioProblem;

    public BluetoothServiceVersion? Version => _version;

    /// <summary>Nothing to show but the reason.</summary>
    public BlueZView Nothing(string problem) => BlueZView.Nothing(Describe(BluetoothSnapshot.Empty with { Problem = problem }));

    /// <summary>Adds what is known of sound and service.</summary>
    public BluetoothSnapshot Describe(BluetoothSnapshot snapshot) => snapshot with
    {
        OwnsAudio = _choice?.Own,
        AudioReason = _choice?.Reason,
        AudioProblem = snapshot.Problem is null && _audioProblem is { } missing ? $"{missing.Text} {missing.Remedy}" : null,
        Service = _version,
    };

    /// <summary>Looks the version's faults up and tells them; the same version again is nothing new.</summary>
    public void Found(Version version)
    {
        if (_version?.Version == version.ToString()) return;
        var faults = KnownFaults.Of(version);
        _version = new BluetoothServiceVersion(version.ToString(), [.. faults.Select(f => $"{f.Text} {f.Remedy}")]);
        BluetoothLog.ServiceVersion(logger, version.ToString(), faults.Count);
        foreach (var fault in faults) BluetoothLog.KnownFault(logger, version.ToString(), fault.Text, fault.Remedy);
    }

    /// <summary>Decides who carries the sound, and says what changed. By the session's loop.</summary>
    public void DecideAudio(AudioObservation observed)
    {
        var (before, missing) = (_ownership.Choice, _ownership.Problem);
        _ownership.Observe(observed, time.Now());
        var choice = _ownership.Choice!;
        if (before?.Own != choice.Own) BluetoothLog.AudioChosen(logger, choice.Own ? "own endpoints" : "a sound server", choice.Reason);
        if (_ownership.Problem is { } problem && missing is null) BluetoothLog.SoundServerMissing(logger, problem.Text, problem.Remedy);
        if (_ownership.Problem is null && missing is not null && !choice.Own) BluetoothLog.SoundServerThere(logger);
        if (_ownership.IsHeld && !_heldTold) BluetoothLog.SoundServerWaits(logger, AudioOwnership.RestTime.TotalSeconds);
        _heldTold = _ownership.IsHeld;
        (_choice, _audioProblem) = (choice, _ownership.Problem);
    }
}

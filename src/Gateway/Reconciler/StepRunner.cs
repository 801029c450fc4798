using System.Diagnostics;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Timing;

namespace Gateway.Reconciler;

/// <summary>Where a step's device is: resolved on the loop, so that the runner touches nothing that is the loop's.</summary>
internal sealed record StepTarget
{
    public required PlanStep Step { get; init; }

    /// <summary>The device's name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The adapter's address.</summary>
    public BluetoothAddress? Adapter { get; init; }

    /// <summary>The speaker's address, or the Echo's own Bluetooth address.</summary>
    public BluetoothAddress? Address { get; init; }

    /// <summary>The Echo's serial; null: the device is a speaker.</summary>
    public string? Serial { get; init; }

    /// <summary>The Echo shall play to our adapter (it is the source); else it receives from us (L7).</summary>
    public bool EchoIsSource { get; init; }

    /// <summary>It is about the source's link: the speakers do not stand on it.</summary>
    public bool IsForSource { get; init; }

    /// <summary>The link that is made is one in which it plays to us: <see cref="EchoIsSource"/>, or a phone.</summary>
    public bool PlaysToUs { get; init; }

    /// <summary>Serials of a Wi-Fi group's members.</summary>
    public IReadOnlyList<string> Serials { get; init; } = [];
    public AudioOutput? Output { get; init; }
}

/// <summary>A step that did not work.</summary>
internal sealed record StepFailure(StepTarget Target, PortError Error, string Text);

/// <summary>
/// Carries steps out through the ports. Neighbouring steps of one kind run side by side (the radios put them in order
/// where they must), and each has a time-out. Has no state; runs outside the reconciler's loop.
/// </summary>
internal sealed class StepRunner(IBluetooth bluetooth, IEchoControl echo, Journal journal, TimeProvider time)
{
    private static readonly TimeSpan s_echoConnectTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_otherTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs the steps in order. A member's failed connection does not stop the others; a failed step that all stand on
    /// (a disconnect, an audio output, a Wi-Fi group) does. Never throws but for cancellation.
    /// </summary>
    public async Task<IReadOnlyList<StepFailure>> RunAsync(IReadOnlyList<StepTarget> steps, CancellationToken cancellationToken)
    {
        var failures = new List<StepFailure>();
        var next = 0;
        while (next < steps.Count)
        {
            var wave = steps.Skip(next).TakeWhile(s => s.Step.GetType() == steps[next].Step.GetType() && s.EchoIsSource == steps[next].EchoIsSource).ToList();
            next += wave.Count;

            // A speaker that could not be paired is not connected either, nor a source whose former link stayed.
            wave.RemoveAll(s => failures.Any(f => (f.Target.Step is PairStep || f.Target.IsForSource) && f.Target.Step.Device == s.Step.Device));
            var ended = await Task.WhenAll(wave.Select(s => RunOneAsync(s, cancellationToken)));
            failures.AddRange(ended.OfType<StepFailure>());
            if (failures.Any(f => IsFoundation(f.Target))) break;
        }

        return failures;
    }

    /// <summary>Everything else stands on this step.</summary>
    public static bool IsFoundation(StepTarget target) => !target.IsForSource && target.Step is not (ConnectStep or PairStep);

    private async Task<StepFailure?> RunOneAsync(StepTarget target, CancellationToken cancellationToken)
    {
        var running = WithinAsync(LimitOf(target), token => CarryOutAsync(target, token), target, cancellationToken);
        await running.Ended();
        if (running.IsCanceled) await running;
        return running.Failure() switch
        {
            null => null,
            PortException no => new StepFailure(target, no.Error, $"{no.Message} {no.Remedy}".TrimEnd()),
            var fault => new StepFailure(target, PortError.Other, $"{target.Name}: {journal.LogFault(fault)}"),
        };
    }

    /// <summary>What waits for its turn on an adapter is limited there, from its turn on: seven speakers that connect one after another take as long as they take.</summary>
    private static TimeSpan LimitOf(StepTarget target) => target.Step is ConnectStep or PairStep ? Timeout.InfiniteTimeSpan : s_otherTimeout;

    private Task CarryOutAsync(StepTarget target, CancellationToken cancellationToken) => target.Step switch
    {
        ConnectStep => ConnectAsync(target, cancellationToken),
        DisconnectStep when target.Serial is not null => DisconnectEchoAsync(target, target.Serial, cancellationToken),
        DisconnectStep => bluetooth.DisconnectAsync(Need(target.Adapter, target), AddressOf(target), cancellationToken),
        PairStep => bluetooth.PairAsync(Need(target.Adapter, target), AddressOf(target), cancellationToken),
        SetAudioOutputStep => echo.SetAudioOutputAsync(Need(target.Serial, target), target.Output ?? AudioOutput.Speaker, cancellationToken),
        CreateWifiGroupStep => echo.CreateWifiGroupAsync(target.Name, target.Serials, cancellationToken),
        StartStep or KeepAwakeStep => Task.CompletedTask, // playback's
        AskUserStep => Task.CompletedTask, // the user's
        _ => throw new UnreachableException(),
    };

    private async Task ConnectAsync(StepTarget target, CancellationToken cancellationToken)
    {
        var adapter = Need(target.Adapter, target);
        if (target is { EchoIsSource: true, Serial: { } serial } &&
            await TryEchoAsync(token => echo.ConnectAsync(serial, adapter, token), s_echoConnectTimeout, target, () => target.Address is not null && HasKey(adapter, target.Address), cancellationToken))
        {
            return;
        }

        await bluetooth.ConnectAsync(adapter, AddressOf(target), target.PlaysToUs ? RadioRole.Source : RadioRole.Sink, cancellationToken);
    }

    /// <summary>A speaker without an address is looked for by its name: what is called nearly so may be it.</summary>
    private BluetoothAddress AddressOf(StepTarget target)
    {
        if (target.Address is null && NearestNames.Find(target.Name, bluetooth.Current.Devices.Where(d => d.IsSpeaker).Select(d => d.Name)) is { Count: > 0 } near)
        {
            throw new PortException(
                PortError.UnknownDevice, $"The Bluetooth address of {target.Name} is not known: nothing in reach is called so.",
                $"Is it {string.Join(" or ", near.Select(n => $"\"{n}\""))}, which is in reach? Then give it that name or its address in the configuration. Else switch it on and scan once (Rescan).");
        }

        return Need(target.Address, target);
    }

    private async Task DisconnectEchoAsync(StepTarget target, string serial, CancellationToken cancellationToken)
    {
        if (await TryEchoAsync(token => echo.DisconnectAsync(serial, token), Timeout.InfiniteTimeSpan, target, () => target is { Adapter: not null, Address: not null }, cancellationToken)) return;
        await bluetooth.DisconnectAsync(target.Adapter!, target.Address!, cancellationToken);
    }

    /// <summary>
    /// Asks an Echo by its cloud, which may never answer. False: it did not work, and our own radio may do it: no sound depends on a cloud.
    /// </summary>
    /// <param name="patience">Infinite: as long as the step may take.</param>
    private async Task<bool> TryEchoAsync(Func<CancellationToken, Task> ask, TimeSpan patience, StepTarget target, Func<bool> radioMay, CancellationToken cancellationToken)
    {
        var asking = WithinAsync(patience, ask, target, cancellationToken);
        await asking.Ended();
        if (asking.Failure() is PortException && radioMay()) return false;
        await asking;
        return true;
    }

    private Task WithinAsync(TimeSpan limit, Func<CancellationToken, Task> work, StepTarget target, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        limit, time, work, () => new PortException(PortError.TimedOut, $"{target.Name} did not answer within {limit.TotalSeconds:0} s. Is it on and within reach?"), cancellationToken);

    private bool HasKey(BluetoothAddress adapter, BluetoothAddress address) =>
        bluetooth.Current.Devices.Any(d => d.Paired && d.Adapter == adapter && d.Address == address);

    private static T Need<T>(T? value, StepTarget target) where T : class =>
        value ?? throw new PortException(PortError.UnknownDevice, $"The Bluetooth address of {target.Name} is not known.", "Switch it on and scan once (Rescan), or give its address in the configuration.");
}

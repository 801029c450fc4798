using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// The pairing agent (NoInputNoOutput: loudspeakers pair by "Just Works"). It accepts a device that the <see cref="PairingPolicy"/> lets in; any other
/// becomes a question, and no answer in time is a no. BlueZ asks about devices without a lasting key, and about devices that paired without being
/// expected and want to play. It does not ask about a pairing itself, unless it is configured to let paired devices pair again. Any thread.
/// </summary>
internal sealed class PairingAgent(PairingPolicy policy, TimeProvider time, ILogger logger)
{
    public const string Capability = "NoInputNoOutput";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const string Wish = "wants to play";
    private const string Rejected = "org.bluez.Error.Rejected";
    private const string NotAllowed = "Nobody allowed it.";

    /// <summary>The PIN of every loudspeaker that still asks for one.</summary>
    private const string UsualPin = "0000";

    private readonly ConcurrentDictionary<int, OpenQuestion> _open = new();

    // Begins anywhere, so that an answer from before a restart fits none. No secret: and the cryptographic generator would load OpenSSL, which a
    // machine without TLS may lack.
    private int _questions = Random.Shared.Next(100, 900);

    public event Action<PairingQuestion>? Asked;

    public PairingPolicy Pairing => policy;

    /// <summary>Address of an adapter by its path; null: not one of ours, and its questions are not our business.</summary>
    public Func<string, BluetoothAddress?> AdapterAddress { get; set; } = static _ => null;

    /// <summary>Address of a device by its path; null: BlueZ has not shown it.</summary>
    public Func<string, BluetoothAddress?> DeviceAddress { get; set; } = static _ => null;

    /// <summary>May a device be linked in this role?</summary>
    public Func<string, RadioRole, bool> MayLink { get; set; } = static (_, _) => true;

    public IReadOnlyList<PairingQuestion> Open => [.. _open.Values.Select(o => o.Question).OrderBy(q => q.Id)];

    public bool Answer(int id, bool accept) => _open.TryRemove(id, out var open) && open.Answer.TrySetResult(accept);

    /// <summary>Asks whether a device that is paired may stay. Without an answer in time it is a no.</summary>
    public Task<bool> AskToStayAsync(string device, BluetoothAddress adapter, string name, CancellationToken cancellationToken) => DecideAsync(
        Ask(device, adapter, $"{name} has paired outside of pairing mode, by itself or by another program. Allow it?", null, fromBlueZ: false), cancellationToken);

    /// <summary>May a device play to us, whatever another program's agent has said to BlueZ? If nobody has decided that yet, it is refused and becomes a question; after a yes its next try is let in.</summary>
    public bool MayPlay(string device)
    {
        if (policy.MayPair(device) || policy.IsAllowed(device)) return true;
        if (AdapterOf(device) is { } adapter && !IsTurnedAway(adapter, device)) _ = AskToPlayAsync(device, adapter);
        return false;
    }

    public void Handle(MethodContext context)
    {
        var reader = context.Request.GetBodyReader();
        switch (context.Request.MemberAsString, context.Request.SignatureAsString)
        {
            case ("Release", _) or ("DisplayPinCode", "os") or ("DisplayPasskey", "ouq"):
                Accept(context);
                break;
            case ("Cancel", _):
                foreach (var open in _open.Values.Where(o => o.FromBlueZ)) Answer(open.Question.Id, false); // BlueZ does not say which, and asks an agent one thing at a time
                Accept(context);
                break;
            case ("RequestPinCode", "o"):
                AnswerPin(context, reader.ReadObjectPathAsString());
                break;
            case ("RequestAuthorization", "o"):
                Decide(context, reader.ReadObjectPathAsString(), "wants to pair", null);
                break;
            case ("RequestConfirmation", "ou"):
                var device = reader.ReadObjectPathAsString();
                Decide(context, device, "wants to pair", (int)reader.ReadUInt32());
                break;
            case ("AuthorizeService", "os"):
                Authorize(context, reader.ReadObjectPathAsString(), reader.ReadString());
                break;
            default:
                context.ReplyError(Rejected, "This machine has no keyboard.");
                break;
        }
    }

    private void AnswerPin(MethodContext context, string device)
    {
        if (AdapterOf(device) is null || !policy.MayPair(device))
        {
            context.ReplyError(Rejected, "Nobody expects this device.");
            return;
        }

        using var writer = context.CreateReplyWriter("s");
        writer.WriteString(UsualPin);
        context.Reply(writer.CreateMessage());
    }

    private void Authorize(MethodContext context, string device, string uuid)
    {
        var audio = uuid is BlueZNames.AdvancedAudio or BlueZNames.AudioSource or BlueZNames.AudioSink || BlueZNames.RemoteControl.Contains(uuid);
        if (!audio) context.ReplyError(Rejected, "Only audio is served here.");
        // The service is ours: who wants our sink plays to us. BlueZ asks by the profile itself, where the role shows later, with the stream.
        else if (uuid is BlueZNames.AudioSink && !MayLink(device, RadioRole.Source)) context.ReplyError(Rejected, "This device is not wanted as a source.");
        else if (uuid is BlueZNames.AudioSource && !MayLink(device, RadioRole.Sink)) context.ReplyError(Rejected, "This device is not wanted as a loudspeaker.");
        else if (AdapterOf(device) is not null && policy.IsAllowed(device)) Accept(context);
        else Decide(context, device, Wish, null);
    }

    private void Decide(MethodContext context, string device, string wish, int? passkey)
    {
        if (AdapterOf(device) is not { } adapter)
        {
            context.ReplyError(Rejected, "Not this program's adapter.");
            return;
        }

        if (policy.MayPair(device))
        {
            Accept(context);
            return;
        }

        if (IsTurnedAway(adapter, device))
        {
            context.ReplyError(Rejected, NotAllowed);
            return;
        }

        var address = AddressOf(device);
        var text = passkey is { } key ? $"{address} {wish} and shows {key:000000}. Allow it?" : $"{address} {wish}. Allow it?";
        context.DisposesAsynchronously = true;
        _ = ReplyAsync(context, Ask(device, adapter, text, passkey, fromBlueZ: true));
    }

    // A device that paired and at once wants to play is one question.
    private OpenQuestion Ask(string device, BluetoothAddress adapter, string text, int? passkey, bool fromBlueZ)
    {
        if (passkey is null && _open.Values.FirstOrDefault(o => o.Path == device && o.Question.Passkey is null) is { } same) return same;
        var question = new PairingQuestion(Interlocked.Increment(ref _questions), adapter, DeviceAddress(device), text, passkey);
        var open = new OpenQuestion(question, device, fromBlueZ, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        _open[question.Id] = open;
        BluetoothLog.Question(logger, text);
        Asked?.Invoke(question);
        return open;
    }

    // It was refused, and its keys are still there.
    private bool IsTurnedAway(BluetoothAddress adapter, string device) => DeviceAddress(device) is { } address && policy.IsAwaitingConsent(adapter, address) && !_open.Values.Any(o => o.Path == device);

    private async Task AskToPlayAsync(string device, BluetoothAddress adapter)
    {
        if (await DecideAsync(Ask(device, adapter, $"{AddressOf(device)} {Wish}. Allow it?", null, fromBlueZ: false), CancellationToken.None)) policy.SetAllowed(device, true);
    }

    private async Task<bool> DecideAsync(OpenQuestion open, CancellationToken cancellationToken)
    {
        await ((Task)open.Answer.Task.WaitAsync(Patience, time, cancellationToken)).Ended();
        Answer(open.Question.Id, false); // if nobody has answered; the no is for all who wait
        return await open.Answer.Task;
    }

    private async Task ReplyAsync(MethodContext context, OpenQuestion open)
    {
        using (context)
        {
            if (!await DecideAsync(open, context.RequestAborted))
            {
                context.ReplyError(Rejected, NotAllowed);
                return;
            }

            policy.SetAllowed(open.Path, true);
            Accept(context);
        }
    }

    private BluetoothAddress? AdapterOf(string device) => AdapterAddress(ObjectPaths.AdapterOf(device));

    private string AddressOf(string device) => DeviceAddress(device)?.Text ?? "a device";

    private static void Accept(MethodContext context)
    {
        using var writer = context.CreateReplyWriter(null!);
        context.Reply(writer.CreateMessage());
    }

    private sealed record OpenQuestion(PairingQuestion Question, string Path, bool FromBlueZ, TaskCompletionSource<bool> Answer);
}

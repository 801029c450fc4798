using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// The pairing agent (NoInputNoOutput: loudspeakers pair by "Just Works"). What we began ourselves, or the user invited by pairing mode, is
/// accepted; anything else becomes a question, which is a no unless somebody answers in time.
/// </summary>
internal sealed class PairingAgent(TimeProvider time, ILogger logger)
{
    public const string Capability = "NoInputNoOutput";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Pairing mode ends by itself, on BlueZ's clock and on ours.</summary>
    public static readonly TimeSpan PairingModeTime = TimeSpan.FromMinutes(3);

    private const string Rejected = "org.bluez.Error.Rejected";

    /// <summary>The PIN of every loudspeaker that still asks for one.</summary>
    private const string UsualPin = "0000";

    private readonly ConcurrentDictionary<string, bool> _expected = new(StringComparer.Ordinal);

    // Until when, by adapter: pairing mode ends by itself, and nobody must be let in after it.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _inviting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, (PairingQuestion Question, TaskCompletionSource<bool> Answer)> _open = new();
    private int _questions = RandomNumberGenerator.GetInt32(100, 900); // anywhere: an answer from before a restart shall fit none

    public event Action<PairingQuestion>? Asked;

    /// <summary>Is a device, by its path, paired with us already? Set by the session.</summary>
    public Func<string, bool> IsPaired { get; set; } = static _ => false;

    /// <summary>Address of an adapter by its path; null: not one of ours, and its questions are not our business.</summary>
    public Func<string, string?> AdapterAddress { get; set; } = static _ => null;

    /// <summary>We are pairing with this device now.</summary>
    public void Expect(string devicePath, bool on)
    {
        if (on) _expected[devicePath] = true;
        else _expected.TryRemove(devicePath, out _);
    }

    /// <summary>The adapter is in pairing mode, for <see cref="PairingModeTime"/> at most.</summary>
    public void Invite(string adapterPath, bool on)
    {
        if (on) _inviting[adapterPath] = time.GetUtcNow() + PairingModeTime;
        else _inviting.TryRemove(adapterPath, out _);
    }

    public IReadOnlyList<PairingQuestion> Open => [.. _open.Values.Select(o => o.Question).OrderBy(q => q.Id)];

    public bool Answer(int id, bool accept) => _open.TryRemove(id, out var open) && open.Answer.TrySetResult(accept);

    public void Handle(MethodContext context)
    {
        var reader = context.Request.GetBodyReader();
        switch (context.Request.MemberAsString, context.Request.SignatureAsString)
        {
            case ("Release", _) or ("DisplayPinCode", "os") or ("DisplayPasskey", "ouq"):
                Accept(context);
                break;
            case ("Cancel", _):
                foreach (var id in _open.Keys) Answer(id, false); // BlueZ does not say which, and asks an agent one thing at a time
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
        if (AdapterOf(device) is null || !Expected(device))
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
        var audio = uuid is BlueZNames.AudioSource or BlueZNames.AudioSink || BlueZNames.RemoteControl.Contains(uuid);
        if (!audio) context.ReplyError(Rejected, "Only audio is served here.");
        else if (AdapterOf(device) is not null && IsPaired(device)) Accept(context);
        else Decide(context, device, "wants to play", null);
    }

    private void Decide(MethodContext context, string device, string wish, int? passkey)
    {
        if (AdapterOf(device) is not { } adapter)
        {
            context.ReplyError(Rejected, "Not this program's adapter.");
            return;
        }

        if (Expected(device))
        {
            Accept(context);
            return;
        }

        var address = AddressOf(device);
        var text = passkey is { } key ? $"{address} {wish} and shows {key:000000}. Allow it?" : $"{address} {wish}. Allow it?";
        var question = new PairingQuestion(Interlocked.Increment(ref _questions), adapter, address, text, passkey);
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[question.Id] = (question, answer);
        BluetoothLog.Question(logger, text);
        context.DisposesAsynchronously = true;
        _ = WaitAsync(context, question.Id, answer);
        Asked?.Invoke(question);
    }

    private async Task WaitAsync(MethodContext context, int id, TaskCompletionSource<bool> answer)
    {
        using (context)
        {
            var accept = false;
            try
            {
                accept = await answer.Task.WaitAsync(Patience, time, context.RequestAborted);
            }
            catch (Exception error) when (error is TimeoutException or OperationCanceledException)
            {
                _open.TryRemove(id, out _);
            }

            if (accept) Accept(context);
            else context.ReplyError(Rejected, "Nobody allowed it.");
        }
    }

    private bool Expected(string device) => _expected.ContainsKey(device) || (_inviting.TryGetValue(AdapterPathOf(device), out var until) && time.GetUtcNow() < until);

    private string? AdapterOf(string device) => AdapterAddress(AdapterPathOf(device));

    private static string AdapterPathOf(string device) => device[..Math.Max(0, device.LastIndexOf('/'))];

    // /org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF
    private static string AddressOf(string device) => device[^Math.Min(17, device.Length)..].Replace('_', ':');

    private static void Accept(MethodContext context)
    {
        using var writer = context.CreateReplyWriter(null!);
        context.Reply(writer.CreateMessage());
    }
}

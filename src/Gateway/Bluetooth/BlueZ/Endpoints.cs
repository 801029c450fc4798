using Gateway.Bluetooth.A2dp;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Our MediaEndpoint1 objects. Before BlueZ 5.83 an endpoint carries one stream, so an adapter gets as many source endpoints as it may carry
/// streams, and one sink endpoint for each device that may play to us.
/// </summary>
internal sealed class Endpoints(OwnStreams streams, Handshakes handshakes, PairingAgent agent, LinkRoles roles, Action<TaskCompletionSource?> changed, ILogger logger)
{
    /// <summary>An Echo and a phone.</summary>
    private const int SinksPerAdapter = 2;

    private const string Sink = "sink";
    private const string Source = "source";

    /// <summary>The endpoints of an adapter: path, UUID.</summary>
    public static IEnumerable<(string Path, string Uuid)> Of(string adapterName, int streams, AdapterRole role)
    {
        for (var i = 1; i <= streams && role != AdapterRole.Receive; i++) yield return ($"{Callbacks.Root}/{adapterName}/{Source}{i}", BlueZNames.AudioSource);
        for (var i = 1; i <= SinksPerAdapter && role != AdapterRole.Send; i++) yield return ($"{Callbacks.Root}/{adapterName}/{Sink}{i}", BlueZNames.AudioSink);
    }

    public void Handle(MethodContext context)
    {
        var request = context.Request;
        switch (request.MemberAsString, request.SignatureAsString)
        {
            case ("SelectConfiguration", "ay"):
                Select(context);
                break;
            case ("SetConfiguration", "oa{sv}"):
                Set(context);
                break;
            case ("ClearConfiguration", "o"):
                Clear(request.GetBodyReader().ReadObjectPathAsString());
                Done(context);
                break;
            case ("Release", _):
                Done(context); // bluetoothd is leaving; its streams end by themselves
                break;
            default:
                context.ReplyUnknownMethodError();
                break;
        }
    }

    private void Select(MethodContext context)
    {
        var capabilities = context.Request.GetBodyReader().ReadArrayOfByte();
        if (SbcConfiguration.Choose(capabilities, handshakes.AskPlain(ObjectPaths.AdapterOfEndpoint(context.Request.PathAsString))) is not { } chosen)
        {
            BluetoothLog.BadCapabilities(logger, Convert.ToHexString(capabilities));
            context.ReplyError("org.bluez.Error.InvalidArguments", "These are no SBC capabilities.");
            return;
        }

        using var writer = context.CreateReplyWriter("ay");
        writer.WriteArray(chosen.ToBytes());
        context.Reply(writer.CreateMessage());
    }

    private void Set(MethodContext context)
    {
        var reader = context.Request.GetBodyReader();
        var transport = reader.ReadObjectPathAsString();
        var values = reader.ReadDictionaryOfStringToVariantValue();
        var bytes = values.Bytes("Configuration");
        var device = values.Text("Device") ?? "";
        if (SbcConfiguration.Parse(bytes, out var refusal) is not { } configuration || device.Length == 0)
        {
            BluetoothLog.BadConfiguration(logger, roles.NameOf(device), Convert.ToHexString(bytes), device.Length == 0 ? "no device is named" : refusal);
            context.ReplyError("org.bluez.Error.InvalidArguments", $"This configuration was not offered: {refusal}.");
            return;
        }

        var receives = context.Request.PathAsString?.Contains("/" + Sink, StringComparison.Ordinal) == true;
        if (receives && !agent.MayPlay(device))
        {
            context.ReplyError("org.bluez.Error.Rejected", "Nobody allowed this device to play here.");
            return;
        }

        context.DisposesAsynchronously = true;
        _ = AnswerAsync(context, new OwnStream(transport, device, receives, configuration));
    }

    private async Task AnswerAsync(MethodContext context, OwnStream stream)
    {
        using (context)
        {
            var role = stream.Receives ? RadioRole.Source : RadioRole.Sink;
            if (!await roles.DecideAsync(stream.DevicePath, role) || !streams.TryAdd(stream))
            {
                context.ReplyError("org.bluez.Error.Rejected", $"This device is not wanted to {LinkRoles.Doing(role)} now.");
                return;
            }

            Done(context);
            changed(null);
        }
    }

    private void Clear(string transport)
    {
        if (streams.Remove(transport) is { } stream) changed(stream.End);
    }

    private static void Done(MethodContext context)
    {
        using var writer = context.CreateReplyWriter(null!);
        context.Reply(writer.CreateMessage());
    }
}

using System.Text.Json.Nodes;
using System.Threading.Channels;
using Gateway.Engine.Ports;
using Microsoft.AspNetCore.Http;

namespace Gateway.Simulation;

/// <summary>The push streams: one message for each change of an Echo. Each message goes out in one piece, as clients take it apart by pieces.</summary>
internal sealed class AlexaPush(World world)
{
    private const string Boundary = "----tutti-simulated";
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<string>> _streams = [];
    private readonly HashSet<string> _connecting = new(StringComparer.Ordinal);
    private EchoSnapshot _before = EchoSnapshot.Empty;

    public void Begin()
    {
        _before = world.Echo;
        world.EchoChanged += OnChanged;
    }

    /// <summary>While an Echo changes over to another device, the end of its first link is no event.</summary>
    public void Connecting(string serial, bool isConnecting)
    {
        lock (_gate) _ = isConnecting ? _connecting.Add(serial) : _connecting.Remove(serial);
    }

    public async Task ServeAsync(HttpContext context)
    {
        var stream = Channel.CreateBounded<string>(1000);
        lock (_gate) _streams.Add(stream);
        try
        {
            context.Response.ContentType = $"multipart/related; boundary={Boundary}";
            await SendAsync(context, $"--{Boundary}\r\n");
            await foreach (var message in stream.Reader.ReadAllAsync(context.RequestAborted))
            {
                await SendAsync(context, $"Content-Type: application/json\r\n\r\n{message}\r\n");
                await SendAsync(context, $"--{Boundary}\r\n");
            }
        }
        catch (OperationCanceledException)
        {
            // The client went.
        }
        finally
        {
            lock (_gate) _streams.Remove(stream);
        }
    }

    /// <summary>Ends every stream, as the real cloud does now and then.</summary>
    public void Cut()
    {
        lock (_gate) foreach (var stream in _streams) stream.Writer.TryComplete();
    }

    private static async Task SendAsync(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private void OnChanged(EchoSnapshot now)
    {
        lock (_gate)
        {
            foreach (var echo in now.Echoes)
            {
                if (_before.Echoes.FirstOrDefault(e => e.Serial == echo.Serial) is not { } before) continue;
                if (echo.VolumePercent != before.VolumePercent) Send(echo, "PUSH_VOLUME_CHANGE", new JsonObject { ["isMuted"] = false, ["volumeSetting"] = echo.VolumePercent });
                if (echo.Online != before.Online) Send(echo, "PUSH_DOPPLER_CONNECTION_CHANGE", new JsonObject { ["dopplerConnectionState"] = echo.Online == true ? "ONLINE" : "OFFLINE" });
                if (echo.Link == before.Link) continue;
                var isThere = echo.Link.Or(null) is not null;
                if (!isThere && _connecting.Contains(echo.Serial)) continue;
                Send(echo, "PUSH_BLUETOOTH_STATE_CHANGE", new JsonObject { ["bluetoothEvent"] = isThere ? "DEVICE_CONNECTED" : "DEVICE_DISCONNECTED", ["bluetoothEventSuccess"] = true, ["bluetoothEventPayload"] = null });
            }

            _before = now;
        }
    }

    /// <summary>JSON in a text, in a text. Under the lock.</summary>
    private void Send(EchoDevice echo, string command, JsonObject payload)
    {
        payload["dopplerId"] = new JsonObject { ["deviceSerialNumber"] = echo.Serial, ["deviceType"] = echo.DeviceType };
        payload["destinationUserId"] = "A1OWNEREXAMPLE";
        var metadata = new JsonObject { ["command"] = command, ["payload"] = payload.ToJsonString(), ["timeStamp"] = world.Now.ToUnixTimeMilliseconds() };
        var message = new JsonObject
        {
            ["directive"] = new JsonObject
            {
                ["header"] = new JsonObject { ["namespace"] = "Alexa.Example", ["name"] = "RenderingUpdate", ["messageId"] = Guid.NewGuid().ToString() },
                ["payload"] = new JsonObject { ["renderingUpdates"] = new JsonArray(new JsonObject { ["route"] = "example", ["resourceId"] = command, ["resourceMetadata"] = metadata.ToJsonString() }) },
            },
        }.ToJsonString();
        foreach (var stream in _streams) stream.Writer.TryWrite(message);
    }
}

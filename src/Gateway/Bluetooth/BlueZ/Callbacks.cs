using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Everything that bluetoothd calls on us: the agent and the A2DP endpoints, below one path. Runs on the connection's read loop, so it
/// answers at once (or later, never by waiting), and answers bluetoothd only.
/// </summary>
internal sealed class Callbacks(string blueZOwner, PairingAgent agent, Endpoints endpoints) : IPathMethodHandler
{
    public const string Root = "/org/tutti";
    public const string AgentPath = Root + "/agent";

    public string Path => Root;

    public bool HandlesChildPaths => true;

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        var request = context.Request;
        if (context.IsDBusIntrospectRequest) return ValueTask.CompletedTask;
        if (request.SenderAsString != blueZOwner)
        {
            context.ReplyError("org.freedesktop.DBus.Error.AccessDenied", "Only bluetoothd may call this.");
            return ValueTask.CompletedTask;
        }

        try
        {
            switch (request.InterfaceAsString)
            {
                case BlueZNames.Agent:
                    agent.Handle(context);
                    break;
                case BlueZNames.Endpoint:
                    endpoints.Handle(context);
                    break;
                default:
                    context.ReplyUnknownMethodError();
                    break;
            }
        }
        catch (Exception error) when (error is DBusReadException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            context.ReplyError("org.bluez.Error.InvalidArguments", "The request could not be read.");
        }

        return ValueTask.CompletedTask;
    }
}

using Gateway.Engine.Ports;
using Microsoft.Win32.SafeHandles;
using Tmds.DBus.Protocol;
using Objects = System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, Tmds.DBus.Protocol.VariantValue>>>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>The calls that we make to BlueZ on one connection, each with a time limit. A no is an outcome; cancellation alone throws. Any thread.</summary>
internal sealed class BlueZBus(DBusConnection connection, TimeProvider time)
{
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    /// <summary>Paging takes 5 s, a profile up to 20 s more; pairing waits for a person.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public DBusConnection Connection => connection;

    /// <param name="read">Told all objects on the connection's read loop, and so at the answer's place among the signals.</param>
    public Task<CallOutcome> ReadObjectsAsync(Action<Objects> read, CancellationToken cancellationToken)
    {
        return RunAsync("Reading BlueZ's devices", Short, connection.CallMethodAsync(Build("/", BlueZNames.ObjectManager, "GetManagedObjects"), Read), cancellationToken);

        bool Read(Message message, object? state)
        {
            read(BusReader.ManagedObjects(message, state));
            return true;
        }
    }

    public Task<CallOutcome> CallAsync(string path, string @interface, string member, string what, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(what, limit, connection.CallMethodAsync(Build(path, @interface, member)), cancellationToken);

    /// <summary>A call with one string (<c>s</c>) or object path (<c>o</c>).</summary>
    public Task<CallOutcome> CallAsync(
        string path, string @interface, string member, string signature, string argument, string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        return RunAsync(what, limit, connection.CallMethodAsync(Message()), cancellationToken);

        MessageBuffer Message()
        {
            using var writer = connection.GetMessageWriter();
            writer.WriteMethodCallHeader(BlueZNames.Service, path, @interface, member, signature);
            if (signature == "o") writer.WriteObjectPath(argument);
            else writer.WriteString(argument);
            return writer.CreateMessage();
        }
    }

    public Task<CallOutcome> SetAsync(string path, string @interface, string property, VariantValue value, string what, CancellationToken cancellationToken)
    {
        return RunAsync(what, Short, connection.CallMethodAsync(Message()), cancellationToken);

        MessageBuffer Message()
        {
            using var writer = connection.GetMessageWriter();
            writer.WriteMethodCallHeader(BlueZNames.Service, path, BlueZNames.Properties, "Set", "ssv");
            writer.WriteString(@interface);
            writer.WriteString(property);
            writer.WriteVariant(value);
            return writer.CreateMessage();
        }
    }

    /// <summary>Only classic devices: with Low Energy in it, discovery spends its first 5 s there.</summary>
    public Task<CallOutcome> SetDiscoveryFilterAsync(string adapterPath, CancellationToken cancellationToken)
    {
        return RunAsync("Preparing the search", Short, connection.CallMethodAsync(Message()), cancellationToken);

        MessageBuffer Message()
        {
            using var writer = connection.GetMessageWriter();
            writer.WriteMethodCallHeader(BlueZNames.Service, adapterPath, BlueZNames.Adapter, "SetDiscoveryFilter", "a{sv}");
            writer.WriteDictionary([new KeyValuePair<string, VariantValue>("Transport", VariantValue.String("bredr"))]);
            return writer.CreateMessage();
        }
    }

    public Task<CallOutcome> RegisterAgentAsync(string agentPath, string capability, CancellationToken cancellationToken)
    {
        return RunAsync("Registering the pairing agent", Short, connection.CallMethodAsync(Message()), cancellationToken);

        MessageBuffer Message()
        {
            using var writer = connection.GetMessageWriter();
            writer.WriteMethodCallHeader(BlueZNames.Service, BlueZNames.Root, BlueZNames.AgentManager, "RegisterAgent", "os");
            writer.WriteObjectPath(agentPath);
            writer.WriteString(capability);
            return writer.CreateMessage();
        }
    }

    public Task<CallOutcome> RegisterEndpointAsync(string adapterPath, string endpointPath, string uuid, byte[] capabilities, CancellationToken cancellationToken)
    {
        return RunAsync("Registering an A2DP endpoint", Short, connection.CallMethodAsync(Message()), cancellationToken);

        MessageBuffer Message()
        {
            using var writer = connection.GetMessageWriter();
            writer.WriteMethodCallHeader(BlueZNames.Service, adapterPath, BlueZNames.Media, "RegisterEndpoint", "oa{sv}");
            writer.WriteObjectPath(endpointPath);
            writer.WriteDictionary(
            [
                new("UUID", VariantValue.String(uuid)),
                new("Codec", VariantValue.Byte(0)), // SBC
                new("Capabilities", VariantValue.Array(capabilities)),
                new KeyValuePair<string, VariantValue>("DelayReporting", VariantValue.Bool(true)),
            ]);
            return writer.CreateMessage();
        }
    }

    /// <summary>Takes the stream's socket; <c>TryAcquire</c> takes it only where the other end has asked to start.</summary>
    /// <exception cref="PortException">There is none.</exception>
    public async Task<AcquiredStream> AcquireAsync(string transportPath, string member, CancellationToken cancellationToken)
    {
        var call = connection.CallMethodAsync(Build(transportPath, BlueZNames.Transport, member), ReadAcquired);
        await RunAsync("Opening the stream", Short, call, cancellationToken).OrThrowAsync();
        return await call;
    }

    private static AcquiredStream ReadAcquired(Message message, object? state)
    {
        var reader = message.GetBodyReader();
        var handle = reader.ReadHandle<SafeFileHandle>();
        return new AcquiredStream(handle ?? throw new InvalidDataException("BlueZ passed no socket."), reader.ReadUInt16(), reader.ReadUInt16());
    }

    private MessageBuffer Build(string path, string @interface, string member)
    {
        using var writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(BlueZNames.Service, path, @interface, member);
        return writer.CreateMessage();
    }

    private async Task<CallOutcome> RunAsync(string what, TimeSpan limit, Task call, CancellationToken cancellationToken)
    {
        try
        {
            await call.WaitAsync(limit, time, cancellationToken);
            return CallOutcome.Done;
        }
        catch (Exception error) when (BlueZErrors.ToOutcome(error, what, limit) is { } outcome)
        {
            return outcome;
        }
    }
}

/// <summary>The socket of a stream, and the largest packets it gives and takes.</summary>
internal sealed record AcquiredStream(SafeFileHandle Socket, int ReadMtu, int WriteMtu);

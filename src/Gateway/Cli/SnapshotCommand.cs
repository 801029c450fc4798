using System.CommandLine;
using Gateway.Storage;

namespace Gateway.Cli;

/// <summary><c>tutti snapshot</c>: a copy of the database that is whole, for backups that copy files while the gateway runs.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "The data directory; default: the user's state directory." };
        var command = new Command("snapshot", "Write a copy of the database beside it, for a backup; the gateway may be running.") { data };
        command.SetAction(result =>
        {
            try
            {
                Console.WriteLine(DataDirectory.WriteSnapshot(result.GetValue(data) ?? RunCommand.DefaultData()) is { } written
                    ? $"{written} is written. A gateway that finds it and no database begins with it."
                    : "There is no database yet: nothing to copy.");
                return ExitCodes.Fine;
            }
            catch (StorageException no)
            {
                Console.Error.WriteLine(no.Message);
                return ExitCodes.InternalFault;
            }
        });
        return command;
    }
}
